import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newAttempt } from './fixtures.ts'
import { listen } from './listen.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const listeners = async (): Promise<readonly number[]> => {
  const { rows } = await database.pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and query = 'listen "attempts"'`,
  )
  return rows.map(({ pid }) => pid)
}

test('whoever listens hears of each attempt that is asked for, also after its connection broke', async () => {
  const heard: [string[], string[]] = [[], []]
  const listening = heard.map((ids) => listen(database.url, 'attempts', (id) => ids.push(id)))
  await vi.waitFor(async () => expect(await listeners()).toHaveLength(2))

  const first = await newAttempt(database.store, 'first')
  await vi.waitFor(() => expect(heard).toEqual([[String(first)], [String(first)]]))

  const broken = await listeners()
  for (const pid of broken) await database.pool.query('select pg_terminate_backend($1)', [pid])
  // A connection that is being ended is still listed for a moment.
  await vi.waitFor(async () => {
    const again = await listeners()
    expect(again).toHaveLength(2)
    expect(again.filter((pid) => broken.includes(pid))).toEqual([])
  }, 10_000)
  const second = await newAttempt(database.store, 'second')
  const both = [String(first), String(second)]
  await vi.waitFor(() => expect(heard).toEqual([both, both]))

  await Promise.all(listening.map((one) => one.stop()))
  await vi.waitFor(async () => expect(await listeners()).toEqual([]))
}, 30_000)

test('one whose database is away waits for it, and can be stopped', async () => {
  const url = new URL(database.url)
  url.port = '1'
  const listening = listen(url.href, 'attempts', () => undefined)
  await sleep(200)
  await expect(listening.stop()).resolves.toBeUndefined()
})
