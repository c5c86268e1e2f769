import { resolve } from 'node:path'
import { createEnvReader, shownAddress, type Env } from '#services/shared/settings/env.ts'
import { readCommandLine } from './command-line.mjs'
import { StartError } from './failure.ts'
import { readHosts, type Hosts } from './hosts.ts'
import { options } from './options/start.mjs'

/** What is set for `npm start`; docs/settings.md describes each, for all processes. */
export interface Settings {
  /** Absolute path of the one folder that holds all data. */
  readonly home: string
  /** Where tools are stored that come from PyPI; shared by everything that runs from one checkout. */
  readonly tools: string
  readonly hosts: Hosts
  readonly ports: Ports
  readonly bucket: string
  readonly examples: boolean
  /** Parts that run elsewhere: their address, so that they are not started here. */
  readonly external: {
    readonly temporalAddress?: string
    readonly databaseUrl?: string
    readonly bigqueryEndpoint?: string
    readonly storageEndpoint?: string
    /** `GOOGLE_CLOUD_PROJECT` alone: the real BigQuery and Cloud Storage of this project. */
    readonly realGoogle: boolean
  }
  readonly googleProject: string
  readonly temporalNamespace: string
}

export interface Ports {
  readonly api: number
  readonly worker: number
  readonly temporal: number
  readonly temporalUi: number
  readonly postgres: number
  readonly bigquery: number
  readonly bigqueryGrpc: number
  readonly storage: number
}

/** Of each port its variable and its default. */
export const portVariables = {
  api: ['SUIRO_PORT', 65432],
  worker: ['SUIRO_WORKER_PORT', 65437],
  temporal: ['SUIRO_TEMPORAL_PORT', 7233],
  temporalUi: ['SUIRO_TEMPORAL_UI_PORT', 8233],
  postgres: ['SUIRO_POSTGRES_PORT', 65433],
  bigquery: ['SUIRO_BIGQUERY_PORT', 65434],
  bigqueryGrpc: ['SUIRO_BIGQUERY_GRPC_PORT', 65435],
  storage: ['SUIRO_STORAGE_PORT', 65436],
} as const satisfies Record<keyof Ports, readonly [variable: string, fallback: number]>

/** Reads environment and arguments; throws a StartError that names all mistakes at once. */
export function readSettings(env: Env, args: readonly string[]): Settings {
  const { settings, mistakes } = gatherSettings(env, args)
  if (mistakes.length > 0) throw wrongSettings(mistakes)
  return settings
}

export const wrongSettings = (mistakes: readonly string[]): StartError =>
  new StartError(['Suiro cannot start with these settings:', ...mistakes].join('\n  - '))

/** The same with what is wrong beside it; in the place of something wrong is its default. */
export function gatherSettings(
  env: Env,
  args: readonly string[],
): { readonly settings: Settings; readonly mistakes: readonly string[] } {
  const { mistakes, value } = createEnvReader(env)
  const commandLine = readCommandLine(args, { options })
  mistakes.push(...commandLine.mistakes)
  const ports = Object.fromEntries(
    Object.entries(portVariables).map(([port, [variable, fallback]]) => [
      port,
      readPort(variable, value(variable), fallback, mistakes),
    ]),
  ) as unknown as Ports
  checkDistinct(ports, mistakes)
  const hosts = readHosts(value, mistakes)

  const databaseUrl = value('DATABASE_URL')
  if (databaseUrl !== undefined && !/^postgres(?:ql)?:\/\//.test(databaseUrl)) {
    mistakes.push(
      `DATABASE_URL must look like postgres://user:password@host:5432/suiro, but is ${shownAddress(databaseUrl)}`,
    )
  }
  const temporalAddress = value('TEMPORAL_ADDRESS')
  if (temporalAddress !== undefined && !/^[^\s/]+:\d+$/.test(temporalAddress)) {
    mistakes.push(`TEMPORAL_ADDRESS must be host:port, but is "${temporalAddress}"`)
  }
  for (const name of ['BIGQUERY_API_ENDPOINT', 'STORAGE_API_ENDPOINT']) {
    const url = value(name)
    if (url !== undefined && !/^https?:\/\//.test(url)) {
      mistakes.push(
        `${name} must be an address such as http://127.0.0.1:65434, but is ${shownAddress(url)}`,
      )
    }
  }
  const bigqueryEndpoint = value('BIGQUERY_API_ENDPOINT')
  const storageEndpoint = value('STORAGE_API_ENDPOINT')
  const project = value('GOOGLE_CLOUD_PROJECT')
  const home = resolve(value('SUIRO_HOME') ?? '.suiro')
  const settings: Settings = {
    home,
    tools: resolve(value('SUIRO_TOOLS') ?? '.suiro/tools'),
    hosts,
    ports,
    bucket: value('SUIRO_BUCKET') ?? 'suiro',
    examples: commandLine.values['no-examples'] !== true,
    external: {
      ...(temporalAddress === undefined ? {} : { temporalAddress }),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(bigqueryEndpoint === undefined ? {} : { bigqueryEndpoint }),
      ...(storageEndpoint === undefined ? {} : { storageEndpoint }),
      realGoogle: project !== undefined && bigqueryEndpoint === undefined,
    },
    googleProject: project ?? 'suiro-local',
    temporalNamespace: value('TEMPORAL_NAMESPACE') ?? 'default',
  }
  return { settings, mistakes }
}

function readPort(
  variable: string,
  text: string | undefined,
  fallback: number,
  mistakes: string[],
): number {
  if (text === undefined) return fallback
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  mistakes.push(`${variable} must be a port from 1 to 65535, but is "${text}"`)
  return fallback
}

function checkDistinct(ports: Ports, mistakes: string[]): void {
  const users = new Map<number, string>()
  for (const [port, number] of Object.entries(ports) as [keyof Ports, number][]) {
    const other = users.get(number)
    if (other !== undefined)
      mistakes.push(`${portVariables[port][0]} and ${other} are both ${number}`)
    users.set(number, portVariables[port][0])
  }
}
