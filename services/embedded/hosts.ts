import { isLoopback } from '#services/shared/loopback.ts'

/** Which address each part listens on; only what is named is open to others. */
export interface Hosts {
  readonly api: string
  readonly worker: string
  readonly temporal: string
  readonly postgres: string
  readonly bigquery: string
  readonly storage: string
}

const variables: Readonly<Record<keyof Hosts, readonly [variable: string, what: string]>> = {
  api: ['SUIRO_HOST', 'the API, with which anyone can run commands here'],
  worker: ['SUIRO_WORKER_HOST', "the worker's health"],
  temporal: ['SUIRO_TEMPORAL_HOST', 'Temporal and its UI, without a login'],
  postgres: ['SUIRO_POSTGRES_HOST', 'PostgreSQL, with its password'],
  bigquery: ['SUIRO_BIGQUERY_HOST', 'the BigQuery engine, which reads and writes files here'],
  storage: ['SUIRO_STORAGE_HOST', 'the Cloud Storage engine, without a login'],
}

/** Reads where parts listen: on loopback, unless a part's own variable says otherwise. */
export function readHosts(value: (name: string) => string | undefined, mistakes: string[]): Hosts {
  const hosts = Object.entries(variables).map(([part, [variable]]) => {
    const host = value(variable) ?? '127.0.0.1'
    if (!/^[A-Za-z0-9._-]+$|^[0-9A-Fa-f:.]+$/.test(host)) {
      mistakes.push(
        `${variable} must be an address of this machine, such as 127.0.0.1 or 0.0.0.0, but is "${host}"`,
      )
    }
    return [part, host]
  })
  return Object.fromEntries(hosts) as Hosts
}

/** A line for each part that others in the network can reach. */
export const openParts = (hosts: Hosts): readonly string[] =>
  (Object.entries(variables) as [keyof Hosts, readonly [string, string]][])
    .filter(([part]) => !isLoopback(hosts[part]))
    .map(
      ([part, [variable, what]]) =>
        `Open to the network: ${what} (${variable}=${hosts[part]}). Whoever reaches this machine can use it.`,
    )

/** `host:port` to call a part by; "all addresses" are none to call. */
export function addressOf(host: string, port: number): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`
  if (host === '::') return `[::1]:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
