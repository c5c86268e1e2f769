import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TaskId } from '#workflows/domain/ids.ts'
import { pushOne, start, task } from './fixtures.ts'
import type { Store } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
let workflowId: Awaited<ReturnType<typeof pushOne>>['id']
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
  workflowId = (await pushOne(store, 'shared')).id
})
afterAll(() => database.drop())
beforeEach(() => database.pool.query('delete from shared_params'))

let day = 1
/** A task whose first try has begun. */
async function begun(): Promise<{ readonly taskId: TaskId; readonly retries: number }> {
  const { attempt } = await start(store, workflowId, (day += 1))
  const [row] = await store.tasks.insert(attempt.id, null, [task('+set')])
  await store.tasks.begin(row!.id, { version: 1, retries: 0 })
  return { taskId: row!.id, retries: 0 }
}

const stored = async (...names: readonly string[]) =>
  Object.fromEntries(await store.sharedParams.get(names))

test('what one task sets, any other gets; the last one wins', async () => {
  await store.sharedParams.set({ a: '1', b: 'ü {"n": 1}' }, await begun())
  await store.sharedParams.set({ b: '', c: '3' }, await begun())
  expect(await stored('a', 'b', 'c', 'none')).toEqual({ a: '1', b: '', c: '3' })
  expect(await stored()).toEqual({})
})

test('a repeated call changes nothing, whoever has set the value meanwhile', async () => {
  const first = await begun()
  await store.sharedParams.set({ a: 'first' }, first)
  await store.sharedParams.set({ a: 'second' }, await begun())
  await store.sharedParams.set({ a: 'first' }, first)
  expect(await stored('a')).toEqual({ a: 'second' })
})

test('a new try of the task sets anew, and one that is over nothing', async () => {
  const { taskId } = await begun()
  await store.sharedParams.set({ a: 'first' }, { taskId, retries: 0 })
  await store.tasks.begin(taskId, { version: 2, retries: 1 })
  await store.sharedParams.set({ a: 'late' }, { taskId, retries: 0 })
  expect(await stored('a')).toEqual({ a: 'first' })
  await store.sharedParams.set({ a: 'again' }, { taskId, retries: 1 })
  expect(await stored('a')).toEqual({ a: 'again' })
})

test('all are set, or none', async () => {
  const by = await begun()
  await expect(store.sharedParams.set({ a: '1', b: 'nul \0' }, by)).rejects.toThrow('invalid byte')
  expect(await stored('a')).toEqual({})
  await store.sharedParams.set({ a: '1' }, by)
  expect(await stored('a')).toEqual({ a: '1' })
})

test('many tasks at once neither wait for each other for ever nor mix their values', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `n${n}`)
  const tasks = await Promise.all(Array.from({ length: 8 }, begun))
  await Promise.all(
    tasks.map((by, n) => {
      const order = n % 2 === 0 ? names : names.toReversed()
      return store.sharedParams.set(Object.fromEntries(order.map((name) => [name, `${n}`])), by)
    }),
  )
  expect(new Set(Object.values(await stored(...names))).size).toBe(1)
})

test('a value is gone 90 days after it was last set', async () => {
  await store.sharedParams.set({ old: '1', young: '2' }, await begun())
  const age = (name: string, days: number) =>
    database.pool.query(
      'update shared_params set set_at = now() - make_interval(days => $2) where name = $1',
      [name, days],
    )
  await age('old', 91)
  await age('young', 89)
  expect(await stored('old', 'young')).toEqual({ young: '2' })
  await store.sharedParams.set({ other: '3' }, await begun())
  const { rows } = await database.pool.query('select name from shared_params order by name')
  expect(rows).toEqual([{ name: 'other' }, { name: 'young' }])
})
