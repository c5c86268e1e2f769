import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { createPool, migrate } from './database.ts'
import { createStore, type Store } from './index.ts'
import type { Logs } from './logs.ts'

/** A log file's whole text. */
export async function logText(logs: Logs, fileId: number): Promise<string> {
  let text = ''
  for await (const piece of logs.pieces(fileId)) text += piece
  return text
}

export interface TestDatabase {
  readonly url: string
  readonly pool: pg.Pool
  readonly store: Store
  drop(): Promise<void>
}

/** A fresh, migrated database on the real PostgreSQL that the test setup started. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_DATABASE_URL']
  if (server === undefined) {
    throw new Error('TEST_DATABASE_URL is not set: run the tests with npm test')
  }
  const name = `test_${randomBytes(8).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  await migrate(url.href)
  const pool = createPool(url.href, { max: 8 })
  return {
    url: url.href,
    pool,
    store: createStore(pool, { secretKey: randomBytes(32) }),
    async drop() {
      await pool.end()
      await onServer(server, `drop database ${name} with (force)`)
    },
  }
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
