import { fileURLToPath } from 'node:url'
import pg from 'pg'
import Postgrator from 'postgrator'

/** The database cannot be used; the message names its address, never its password. */
export class DatabaseError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'DatabaseError'
  }
}

// Ids and counts stay far below 2^53, so bigint columns are read as numbers.
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === pg.types.builtins.INT8) return Number
    if (oid === int8Array)
      return (text: string) => text.slice(1, -1).split(',').filter(Boolean).map(Number)
    return pg.types.getTypeParser(oid, format)
  },
} as pg.CustomTypesConfig

/** PostgreSQL's type id of `bigint[]`. */
const int8Array = 1016

/** A pool of connections; `url` as in `postgres://user:password@host:5432/suiro`. */
export function createPool(url: string, options: { readonly max?: number } = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    types,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  return pool
}

/** Any number, but the same in every process: only one of them migrates at a time. */
const migrationLock = 5_149_781

/**
 * Brings the schema up to date; safe to call from several processes at once. Throws a DatabaseError
 * when the database cannot be reached or a migration fails.
 */
export async function migrate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
  } catch (error) {
    throw new DatabaseError(
      `PostgreSQL at ${addressOf(url)} cannot be reached: ${String(error)}. Check DATABASE_URL and that the server runs.`,
      error,
    )
  }
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock])
    const postgrator = new Postgrator({
      migrationPattern: fileURLToPath(new URL('./migrations/*.sql', import.meta.url)),
      driver: 'pg',
      schemaTable: 'schema_version',
      execQuery: (query) => client.query(query),
    })
    await postgrator.migrate()
  } catch (error) {
    throw new DatabaseError(
      `The schema in ${addressOf(url)} cannot be brought up to date: ${String(error)}`,
      error,
    )
  } finally {
    await client.end()
  }
}

/** Host, port and database of a connection URL, without user and password. */
export function addressOf(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return host + pathname
  } catch {
    return '(an address that is not a URL)'
  }
}
