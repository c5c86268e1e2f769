import { expect, test } from 'vitest'
import { createPool } from './database.ts'
import { createPrepared } from './prepared.ts'
import { createTestDatabase } from './testing.ts'

test('a statement has a name from its fourth use on, always the same', () => {
  const prepared = createPrepared()
  const names = Array.from({ length: 6 }, () => prepared('select $1', [1]).name)
  expect(names.slice(0, 3)).toEqual([undefined, undefined, undefined])
  expect(names[3]).toMatch(/^[0-9a-f]{32}$/)
  expect(new Set(names.slice(3)).size).toBe(1)
  expect(prepared('select $1 ', [1]).name).toBeUndefined()
})

test('texts that are written anew each time get no names without end', () => {
  const prepared = createPrepared()
  const named = new Set<string>()
  for (let text = 0; text < 3_000; text += 1) {
    for (let use = 0; use < 5; use += 1) {
      const { name } = prepared(`select ${text}, $1`, [1])
      if (name !== undefined) named.add(name)
    }
  }
  expect(named.size).toBe(500)
  expect(prepared('x'.repeat(10_000), []).name).toBeUndefined()
})

test('PostgreSQL plans what comes again and again once for each connection', async () => {
  const database = await createTestDatabase()
  const pool = createPool(database.url, { max: 1 })
  try {
    for (let use = 0; use < 6; use += 1) {
      const { rows } = await pool.query<{ twice: number }>('select $1::int * 2 as twice', [use])
      expect(rows).toEqual([{ twice: use * 2 }])
    }
    const { rows } = await pool.query<{ statement: string }>(
      'select statement from pg_prepared_statements',
    )
    expect(rows).toEqual([{ statement: 'select $1::int * 2 as twice' }])
  } finally {
    await pool.end()
    await database.drop()
  }
})

test('a plan outlives a migration that adds to its tables and views', async () => {
  const database = await createTestDatabase()
  const pool = createPool(database.url, { max: 1 })
  try {
    const names = async (): Promise<readonly string[]> => {
      const { rows } = await pool.query<{ name: string }>(
        'select name from projects where id > $1',
        [0],
      )
      return rows.map(({ name }) => name)
    }
    await pool.query("insert into projects (name) values ('one')")
    for (let use = 0; use < 5; use += 1) expect(await names()).toEqual(['one'])
    await pool.query('alter table projects add column more text')
    expect(await names()).toEqual(['one'])
  } finally {
    await pool.end()
    await database.drop()
  }
})
