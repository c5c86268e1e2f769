import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressOf, createPool, DatabaseError, migrate } from './database.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** An empty database beside the migrated one. */
async function withEmpty(name: string, body: (url: string) => Promise<void>): Promise<void> {
  const own = `${new URL(database.url).pathname.slice(1)}_${name}`
  await database.pool.query(`create database ${own}`)
  const url = new URL(database.url)
  url.pathname = `/${own}`
  try {
    await body(url.href)
  } finally {
    await database.pool.query(`drop database ${own} with (force)`)
  }
}

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const pool = createPool(url)
  try {
    return (await pool.query(sql)).rows
  } finally {
    await pool.end()
  }
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test('processes that start together apply each migration once, and say which', async () => {
  await withEmpty('together', async (url) => {
    const said: string[] = []
    await Promise.all([1, 2, 3, 4].map(() => migrate(url, (text) => void said.push(text))))
    const rows = await query(url, 'select version, name from schema_version where version > 0')
    expect(rows.length).toBeGreaterThan(2)
    expect(said).toHaveLength(rows.length)
    expect(said[0]).toBe('migration 1 (projects-attempts-tasks)')
  })
})

test('a migration that fails leaves the schema as it was, and can be applied later', async () => {
  await withEmpty('failing', async (url) => {
    await query(url, 'create schema reporting')
    const error = await failureOf(migrate(url))
    expect(error).toBeInstanceOf(DatabaseError)
    expect(String(error)).toContain('schema "reporting" already exists')
    expect(await query(url, "select to_regclass('projects') as found")).toEqual([{ found: null }])
    await query(url, 'drop schema reporting')
    await migrate(url)
    expect(await query(url, 'select count(*) from projects')).toEqual([{ count: 0 }])
  })
})

test('a database that cannot be reached is named without its password', async () => {
  const error = await failureOf(migrate('postgres://suiro:hunter2@localhost:1/nowhere'))
  expect(error).toBeInstanceOf(DatabaseError)
  expect(String(error)).toContain('PostgreSQL at localhost:1/nowhere cannot be reached')
  expect(String(error)).toContain('ECONNREFUSED')
  expect(String(error)).not.toContain('hunter2')
})

test('an address without a host names the folder of its socket', () => {
  expect(addressOf('postgres://suiro:hunter2@/suiro?host=/cloudsql/a:b:c')).toBe(
    '/cloudsql/a:b:c/suiro',
  )
  expect(addressOf('nonsense')).toBe('(an address that is not a URL)')
})

test('a bigint is a number, and refused where a number cannot hold it', async () => {
  const { rows } = await database.pool.query(
    'select 9007199254740991 as one, array[1, null, -2]::bigint[] as many, array[]::bigint[] as none',
  )
  expect(rows).toEqual([{ one: 9_007_199_254_740_991, many: [1, null, -2], none: [] }])
  await expect(database.pool.query('select 9007199254740992')).rejects.toThrow('9007199254740992')
  expect((await database.pool.query('select 1 as still')).rows).toEqual([{ still: 1 }])
})
