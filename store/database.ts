import { fileURLToPath } from 'node:url'
import pg from 'pg'
import Postgrator from 'postgrator'
import { columnTypes } from './bigints.ts'
import { markingOutages } from './outage.ts'
import { createPrepared } from './prepared.ts'

/** The database cannot be used; the message names its address, never its password. */
export class DatabaseError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'DatabaseError'
  }
}

const connectionTimeoutMillis = 10_000

/** A pool of connections; `url` as in `postgres://user:password@host:5432/suiro`. */
export function createPool(url: string, options: { readonly max?: number } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    types: columnTypes,
    connectionTimeoutMillis,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  return ours(pool)
}

/**
 * The same pool; what its statements fail with says whether it was an outage (`outage.ts`), and those that come again and
 * again are prepared (`prepared.ts`).
 */
function ours(pool: pg.Pool): pg.Pool {
  const prepared = createPrepared()
  const sending =
    (query: unknown): Query =>
    (...args) =>
      markingOutages(() => (query as Query)(...statementOf(args)))
  const statementOf = (args: readonly unknown[]): readonly unknown[] => {
    const [text, values] = args
    return typeof text === 'string' && Array.isArray(values) ? [prepared(text, values)] : args
  }
  const connect = pool.connect.bind(pool) as (...args: readonly unknown[]) => Promise<pg.PoolClient>
  const marked = new WeakSet<pg.PoolClient>()
  return Object.assign(pool, {
    query: sending(pool.query.bind(pool)),
    async connect(...args: readonly unknown[]) {
      // The pool's own query asks with a callback, and is marked as a whole.
      if (args.length > 0) return connect(...args)
      const client = await markingOutages(() => connect())
      if (marked.has(client)) return client
      marked.add(client)
      return Object.assign(client, { query: sending(client.query.bind(client)) })
    },
  })
}

type Query = (...args: readonly unknown[]) => Promise<unknown>

/** Any number, but the same in every process: only one of them migrates at a time. */
const migrationLock = 5_149_781

/**
 * Brings the schema up to date, all of it or nothing; safe to call from several processes at once.
 * `onProgress` hears of each migration applied. Throws a DatabaseError when the database cannot be
 * reached or a migration fails.
 */
export async function migrate(
  url: string,
  onProgress: (text: string) => void = () => undefined,
): Promise<void> {
  const client = await connect(url)
  try {
    // The lock goes with the transaction, and a process that dies in the middle leaves nothing behind.
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
    const postgrator = new Postgrator({
      migrationPattern: migrationPattern(),
      driver: 'pg',
      schemaTable: 'schema_version',
      execQuery: (query) => client.query(query),
    })
    postgrator.on('migration-started', ({ version, name }) =>
      onProgress(`migration ${version} (${name})`),
    )
    await postgrator.migrate()
    await client.query('commit')
  } catch (error) {
    throw new DatabaseError(
      `The schema in ${addressOf(url)} cannot be brought up to date: ${reasonOf(error)}`,
      error,
    )
  } finally {
    await client.end()
  }
}

async function connect(url: string): Promise<pg.Client> {
  try {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis })
    // A connection that breaks fails the statement under way; without a listener it would end the process.
    client.on('error', () => undefined)
    await client.connect()
    return client
  } catch (error) {
    throw new DatabaseError(
      `PostgreSQL at ${addressOf(url)} cannot be reached: ${reasonOf(error)}. Check DATABASE_URL and that the server runs.`,
      error,
    )
  }
}

/** All migrations; what has a meaning in a pattern is only a name in the folder's path. */
const migrationPattern = (): string =>
  `${fileURLToPath(new URL('./migrations/', import.meta.url)).replace(/[[\]*?(){}\\]/g, '\\$&')}*.sql`

/** Where a name has several addresses, Node says so without a message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/** Host, port and database of a connection URL, without user and password. */
export function addressOf(url: string): string {
  try {
    // A socket's folder comes behind: postgres://user@/suiro?host=/cloudsql/…
    const { host, pathname, searchParams } = new URL(
      url.replace(/^(\w+:\/\/[^/]*)@\//, '$1@socket/'),
    )
    return (searchParams.get('host') ?? host) + pathname
  } catch {
    return '(an address that is not a URL)'
  }
}
