import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { HelperServer } from '../http-server.ts'
import type { EnginePlaces } from './places.ts'

/** What cases of pg> work in: a schema of its own; the password is the secret `pg.password` of their projects. */
export async function preparePostgres({ database }: EnginePlaces): Promise<HelperServer> {
  if (database === undefined) throw new Error('There is no PostgreSQL server that is known')
  const schema = `conformance_${randomBytes(4).toString('hex')}`
  await run(database, `create schema ${schema}`)
  const { hostname, port, username, password, pathname } = new URL(database)
  return {
    params: {
      pg_host: hostname,
      pg_port: port === '' ? '5432' : port,
      pg_user: decodeURIComponent(username),
      pg_database: pathname.slice(1),
      pg_schema: schema,
    },
    secrets: { 'pg.password': decodeURIComponent(password) },
    close: () => run(database, `drop schema ${schema} cascade`),
  }
}

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
