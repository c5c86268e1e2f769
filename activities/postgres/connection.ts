import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { configError, secretNotFound, OperatorError } from '../failure.ts'
import type { KeyOf } from '../task/built-in.ts'
import { createConfig, type Config } from '../task/config.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'
import { CommitInDoubtError } from '../commit-in-doubt.ts'
import { StatementError } from './statement-error.ts'

/** Where a `pg>` task connects to, and as whom. */
export interface Connection {
  readonly settings: pg.ClientConfig
  /** The search path; the database's own when absent. */
  readonly schema: string | undefined
  /** After how long a statement is given up. */
  readonly statementSeconds: number
}

const keys = [
  'host',
  'port',
  'user',
  'database',
  'ssl',
  'schema',
  'connect_timeout',
  'socket_timeout',
] as const

/** Reads the connection: a secret `pg.<key>` wins over the parameter of that name. */
export async function readConnection(
  config: Config<KeyOf<'pg'>>,
  secrets: TaskSecrets,
): Promise<Connection> {
  const given = await Promise.all(
    keys.map(async (key) => [key, (await secrets.get(`pg.${key}`)) ?? config.get(key)] as const),
  )
  const known = given.flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  )
  const merged = createConfig(Object.fromEntries(known), new Set())
  const required = (key: string): string => {
    const value = merged.optionalString(key)
    if (value !== undefined && value !== '') return value
    throw configError(
      `Parameter '${key}' is required but not set. Set it beside pg>, below "_export: pg:", or as the secret pg.${key}`,
    )
  }
  const port = merged.optionalInteger('port') ?? 5432
  if (port < 1 || port > 65_535) throw configError(`Parameter 'port' must be 1 to 65535: ${port}`)
  return {
    settings: {
      host: required('host'),
      port,
      user: required('user'),
      database: required('database'),
      password: await readPassword(config, secrets),
      // As Digdag: encrypted, but the server's certificate is not checked.
      ssl: merged.boolean('ssl', false) ? { rejectUnauthorized: false } : false,
      connectionTimeoutMillis: (merged.optionalDuration('connect_timeout') ?? 30) * 1000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 60_000,
      application_name: 'suiro',
    },
    schema: merged.optionalString('schema'),
    statementSeconds: merged.optionalDuration('socket_timeout') ?? 1800,
  }
}

/** A password is never a parameter (those are shown in the API and in logs), nor the worker's own. */
async function readPassword(
  config: Config<KeyOf<'pg'>>,
  secrets: TaskSecrets,
): Promise<() => string> {
  const override = config.optionalString('password_override')
  const key = `pg.${override ?? 'password'}`
  const password = await secrets.get(key)
  if (override !== undefined && password === undefined) {
    throw secretNotFound(key)
  }
  // Asked for only if the server wants one; without a function the environment and files are searched.
  return () => {
    if (password !== undefined) return password
    throw new Error(`the server asks for a password, and the secret ${key} is not set`)
  }
}

/**
 * Runs `body` on a connection of its own. When the signal aborts, the statement that runs is cancelled on
 * the server and the connection closed, and the abort's reason is thrown.
 */
export async function withConnection<Result>(
  connection: Connection,
  signal: AbortSignal,
  body: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const { settings } = connection
  const client = new pg.Client(settings)
  let lost: Error | undefined
  client.on('error', (error) => (lost ??= error))
  let cancelling: Promise<void> | undefined
  const cancel = (): void => void (cancelling = cancelStatement(settings, client))
  signal.addEventListener('abort', cancel, { once: true })
  try {
    await connect(client, connection, signal)
    return await body(client)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof OperatorError || error instanceof CommitInDoubtError) throw error
    if (error instanceof pg.DatabaseError) throw new StatementError(error)
    if (lost === undefined) throw error
    throw new OperatorError(
      `The connection to PostgreSQL ${nameOf(settings)} was lost: ${lost.message}`,
      { cause: error, code: 'UNREACHABLE' },
    )
  } finally {
    signal.removeEventListener('abort', cancel)
    // Which closes it too.
    await (cancelling ?? close(client))
  }
}

async function connect(
  client: pg.Client,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  const { settings, schema, statementSeconds } = connection
  try {
    // A client that is closed while it connects never reports that it will not.
    await unlessAborted(client.connect(), signal)
  } catch (error) {
    signal.throwIfAborted()
    throw new OperatorError(
      `Cannot connect to PostgreSQL ${nameOf(settings)}: ${messageOf(error)}`,
      { cause: error, code: 'UNREACHABLE' },
    )
  }
  // Not as options of the connection: poolers between us and the server refuse those.
  const set = (name: string, value: string): Promise<unknown> =>
    client.query('select set_config($1, $2, false)', [name, value])
  await set('statement_timeout', String(statementSeconds * 1000))
  if (schema !== undefined) await set('search_path', schema)
}

/** How long a kill tries to inform the server, at each of two steps. */
const cancelMilliseconds = 1_500

/**
 * Our end is closed at once, so that no further statement begins. That alone does not stop the one the
 * server works on, and it takes a connection of its own to ask the server to.
 */
async function cancelStatement(settings: pg.ClientConfig, busy: pg.Client): Promise<void> {
  const { processID } = busy as pg.Client & { readonly processID: number | null }
  const client = new pg.Client({
    ...settings,
    connectionTimeoutMillis: cancelMilliseconds,
    query_timeout: cancelMilliseconds,
  })
  client.on('error', () => undefined)
  const closing = close(busy)
  try {
    if (processID === null) return
    await client.connect()
    await client.query('select pg_cancel_backend($1)', [processID])
  } catch {
    // The server cannot be reached: only our closed end can inform it.
  } finally {
    await Promise.all([close(client), closing])
  }
}

/** What a promise comes to, or the abort's reason when that is earlier. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let stop = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Without waiting long for a server that may be gone. */
async function close(client: pg.Client): Promise<void> {
  const waited = new AbortController()
  const ended = client.end().catch(() => undefined)
  await Promise.race([ended, sleep(1000, undefined, { signal: waited.signal, ref: false })])
  waited.abort()
}

const nameOf = ({ host, port, database, user }: pg.ClientConfig): string =>
  `${host}:${port}/${database} as ${user}`

const messageOf = (error: unknown): string => {
  // Node tries several addresses for one name and says what each answered.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
