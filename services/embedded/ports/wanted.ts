import type { Hosts } from '../hosts.ts'
import { portVariables, type Ports, type Settings } from '../settings.ts'

/** A port that something of ours is to listen on. */
export interface WantedPort {
  readonly host: string
  readonly port: number
  /** Who listens there, as in "where … is to listen". */
  readonly what: string
  /** Moves it elsewhere. */
  readonly variable: string
}

const users = {
  api: ['api', 'the API'],
  worker: ['worker', "the worker's health"],
  temporal: ['temporal', 'Temporal'],
  temporalUi: ['temporal', "Temporal's UI"],
  postgres: ['postgres', 'PostgreSQL'],
  bigquery: ['bigquery', 'the BigQuery engine'],
  bigqueryGrpc: ['bigquery', 'the BigQuery engine (gRPC)'],
  storage: ['storage', 'the Cloud Storage engine'],
} as const satisfies Record<keyof Ports, readonly [host: keyof Hosts, what: string]>

export function wantedPort({ hosts, ports }: Settings, port: keyof Ports): WantedPort {
  const [host, what] = users[port]
  return { host: hosts[host], port: ports[port], what, variable: portVariables[port][0] }
}

/** Every port that this start needs; none of a part that runs elsewhere. */
export function wantedPorts(settings: Settings): readonly WantedPort[] {
  const { temporalAddress, databaseUrl, bigqueryEndpoint, storageEndpoint, realGoogle } =
    settings.external
  const elsewhere: Readonly<Record<keyof Hosts, boolean>> = {
    api: false,
    worker: false,
    temporal: temporalAddress !== undefined,
    postgres: databaseUrl !== undefined,
    bigquery: bigqueryEndpoint !== undefined || realGoogle,
    storage: storageEndpoint !== undefined || realGoogle,
  }
  return (Object.keys(users) as (keyof Ports)[])
    .filter((port) => !elsewhere[users[port][0]])
    .map((port) => wantedPort(settings, port))
}
