import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { StartError } from '../failure.ts'
import { addressOf } from '../hosts.ts'
import { requirePortsOf } from '../ports/free-ports.ts'
import { startProgram } from '../processes/program.ts'
import { run } from '../processes/run.ts'
import type { Settings } from '../settings.ts'
import { elsewhere, type Part, type PartContext } from './part.ts'
import { postgresBinaries } from './postgres-binaries.ts'
import { unprivilegedIdentity, type Identity } from './unprivileged.ts'

const user = 'suiro'
const database = 'suiro'

/** Where Suiro's tables are; throws a StartError where there is no data folder yet. */
export async function databaseUrl({ home, hosts, ports, external }: Settings): Promise<string> {
  if (external.databaseUrl !== undefined) return external.databaseUrl
  const file = join(home, 'postgres-password')
  const password = (await readFile(file, 'utf8').catch(() => '')).trim()
  if (password === '') {
    throw new StartError(
      `There is no database in ${home} yet: run npm start first, or set DATABASE_URL to the one that is meant`,
    )
  }
  return `postgres://${user}:${password}@${addressOf(hosts.postgres, ports.postgres)}/${database}`
}

/** A real PostgreSQL server with the database `suiro`. */
export async function startPostgres(context: PartContext): Promise<Part> {
  const { settings, ledger, stopping, logFile, progress } = context
  const { hosts, ports, home, external } = settings
  const host = hosts.postgres
  if (external.databaseUrl !== undefined) {
    const { host: address } = new URL(external.databaseUrl)
    return elsewhere('PostgreSQL', address, { DATABASE_URL: external.databaseUrl })
  }
  await requirePortsOf(settings, 'postgres')
  const binaries = await postgresBinaries()
  const data = join(home, 'postgres')
  const password = await storedSecret(join(home, 'postgres-password'))
  const identity = await unprivilegedIdentity(data)
  if (await isEmpty(data)) {
    progress('creating the database')
    await initialize({ identity, binaries, data, password, signal: stopping?.asked })
  } else if (!existsSync(join(data, 'PG_VERSION'))) {
    throw new StartError(
      `The data folder ${data} is not a PostgreSQL data folder (PG_VERSION is missing). Restore it from a backup, or begin anew by removing it: rm -r ${data}`,
    )
  }
  const url = `postgres://${user}:${password}@${addressOf(host, ports.postgres)}`
  const [command, args] = identity.as(join(binaries, 'postgres'), [
    ...['-D', data, '-p', String(ports.postgres), '-h', host],
    // No socket file: TCP on the loopback is enough, and its folder may not exist.
    ...['-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
  ])
  const program = await startProgram({
    name: 'PostgreSQL',
    command,
    args,
    logFile: logFile('postgres'),
    ledger,
    stopping,
    ready: () => createDatabase(url),
    readyTimeoutSeconds: 60,
    // "Fast": sessions are ended, data are written; the default would wait for every client.
    stopSignal: 'SIGINT',
    // "Immediate": it takes its processes along, and the next start recovers from the log as after a crash.
    hurrySignal: 'SIGQUIT',
    advice: `Its data are in ${data}. If they are damaged, restore them from a backup, or begin anew by removing the folder: rm -r ${data}`,
  })
  return {
    name: 'PostgreSQL',
    address: `${addressOf(host, ports.postgres)} (user ${user}, password in ${join(home, 'postgres-password')})`,
    env: { DATABASE_URL: `${url}/${database}` },
    ended: program.ended,
    stop: () => program.stop(),
  }
}

interface NewCluster {
  readonly identity: Identity
  readonly binaries: string
  readonly data: string
  readonly password: string
  readonly signal: AbortSignal | undefined
}

async function initialize(cluster: NewCluster): Promise<void> {
  const { identity, binaries, data, password, signal } = cluster
  const passwordFile = `${data}.password`
  await mkdir(data, { recursive: true, mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  await identity.own(data)
  await identity.own(passwordFile)
  const [command, args] = identity.as(join(binaries, 'initdb'), [
    ...['-D', data, '-U', user, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale=C'],
  ])
  try {
    await run(command, args, {
      what: 'Creating the PostgreSQL data folder',
      advice: `Check that ${data} can be written and the disk is not full.`,
      signal,
    })
  } catch (error) {
    // Half a data folder would be taken for a damaged one by the next start.
    await rm(data, { recursive: true, force: true })
    throw error
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** True once the server answers; makes the database the first time. */
async function createDatabase(url: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: `${url}/postgres`,
    connectionTimeoutMillis: 2000,
  })
  await client.connect()
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      database,
    ])
    if (rowCount === 0) await client.query(`create database ${database}`)
    return true
  } finally {
    await client.end()
  }
}

const isEmpty = async (folder: string): Promise<boolean> =>
  (await readdir(folder).catch(() => [])).length === 0

/** A random secret, made once and stored in a file that only its owner reads. */
export async function storedSecret(file: string, bytes = 24): Promise<string> {
  const stored = await readFile(file, 'utf8').catch(() => undefined)
  if (stored !== undefined && stored !== '') return stored.trim()
  const secret = randomBytes(bytes).toString(bytes === 32 ? 'base64' : 'base64url')
  await writeFile(file, `${secret}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
  return secret
}
