import { spawnSync } from 'node:child_process'
import { prepareBigQuery } from './engines/bigquery.ts'
import { readEnginePlaces, type EnginePlaces } from './engines/places.ts'
import { preparePostgres } from './engines/postgres.ts'
import { prepareStorage } from './engines/storage.ts'
import { startHttpServer, type HelperServer } from './http-server.ts'
import { startRedirectServer } from './redirect-server.ts'
import { startSmtpServer } from './smtp-server.ts'

export interface Needs {
  /** What of a case's needs is missing here; such a case is not run. */
  missing(needs: readonly string[]): readonly string[]
  /** Parameters for a case's start: where its helper servers are. */
  params(needs: readonly string[]): Readonly<Record<string, string>>
  /** Secrets for its project: how these servers are entered. */
  secrets(needs: readonly string[]): Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Servers that a case may ask for by name. */
const servers: Readonly<Record<string, (places: EnginePlaces) => Promise<HelperServer>>> = {
  bigquery: prepareBigQuery,
  http: startHttpServer,
  redirects: startRedirectServer,
  postgres: preparePostgres,
  smtp: startSmtpServer,
  storage: prepareStorage,
}

/** Starts the helper servers that some case needs. */
export async function startNeeds(
  all: readonly string[],
  places: EnginePlaces = readEnginePlaces(process.env),
): Promise<Needs> {
  const started = new Map<string, HelperServer>()
  for (const name of new Set(all)) {
    const start = servers[name]
    // What cannot be had here is missing, and said with the cases that need it.
    const server = await start?.(places).catch(() => undefined)
    if (server !== undefined) started.set(name, server)
  }
  const there = new Map<string, boolean>()
  const isThere = (need: string): boolean => {
    const known =
      there.get(need) ?? (started.has(need) || (servers[need] === undefined && has(need)))
    there.set(need, known)
    return known
  }
  return {
    missing: (needs) => needs.filter((need) => operatorOf(need) === undefined && !isThere(need)),
    params: (needs) => Object.assign({}, ...needs.map((need) => started.get(need)?.params ?? {})),
    secrets: (needs) => Object.assign({}, ...needs.map((need) => started.get(need)?.secrets ?? {})),
    async close() {
      for (const server of started.values()) await server.close()
    },
  }
}

/** A command of this machine. */
const has = (command: string): boolean =>
  spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0

/** An operator's name in `operator:http`, of which only a server can say whether it has it. */
export const operatorOf = (need: string): string | undefined => /^operator:(.*)$/.exec(need)?.[1]
