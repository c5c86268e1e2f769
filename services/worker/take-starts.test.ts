import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { StartWorkflow } from '#services/shared/start-workflow.ts'
import { newAttempt } from '#store/fixtures.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { createTakeStarts, type TakeStartsNeeds } from './take-starts.ts'

const version = 'newest'
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.store.workerVersions.see('older')
  await database.store.workerVersions.see(version)
})
afterAll(() => database.drop())

/** A worker that hears of attempts; `started`: what it began. */
function worker(more: Partial<TakeStartsNeeds> = {}) {
  const started: AttemptId[] = []
  const warn = vi.fn()
  const hears = createTakeStarts({
    attempts: database.store.attempts,
    startWorkflow: async ({ id }) => void started.push(id),
    version,
    inForce: () => true,
    log: { warn },
    ...more,
  })
  return { started, warn, hears }
}

test('of many workers that hear of an attempt, one starts it', async () => {
  const id = await newAttempt(database.store, 'many')
  const workers = Array.from({ length: 20 }, () => worker())
  for (const { hears } of workers) hears(String(id))
  const all = () => workers.flatMap(({ started }) => started)
  await vi.waitFor(() => expect(all()).toEqual([id]))
  expect(await database.store.attempts.untaken([id])).toEqual([])
  // Nor is it taken again by what comes late.
  const late = worker()
  late.hears(String(id))
  const next = await newAttempt(database.store, 'next')
  late.hears(String(next))
  await vi.waitFor(() => expect(late.started).toEqual([next]))
  expect(all()).toEqual([id])
})

test('a worker of another version than the one in force takes none, and no odd word ends it', async () => {
  const id = await newAttempt(database.store, 'left')
  worker({ inForce: () => false }).hears(String(id))
  const older = worker({ version: 'older' })
  older.hears(String(id))
  const odd = worker()
  for (const payload of ['', 'x', '1e99', '-1', 'NaN', ' ', '99999999999']) odd.hears(payload)
  const taken = await newAttempt(database.store, 'taken')
  odd.hears(String(taken))
  await vi.waitFor(() => expect(odd.started).toEqual([taken]))
  expect(older.started).toEqual([])
  expect((await database.store.attempts.untaken([id, taken])).map((left) => left.id)).toEqual([id])
})

test('what waits is limited, and what fails is said', async () => {
  const began = Promise.withResolvers<void>()
  const never: StartWorkflow = () => began.promise
  const id = await newAttempt(database.store, 'slow')
  const take = vi.fn(async () => database.store.attempts.find(id))
  const full = worker({ startWorkflow: never, attempts: { take } })
  for (let count = 0; count < 500; count += 1) full.hears(String(id))
  await vi.waitFor(() => expect(take).toHaveBeenCalledTimes(20))
  began.resolve()
  await vi.waitFor(() => expect(take).toHaveBeenCalledTimes(100))

  const failing = worker({ startWorkflow: () => Promise.reject(new Error('away')) })
  const other = await newAttempt(database.store, 'failing')
  failing.hears(String(other))
  await vi.waitFor(() => expect(failing.warn).toHaveBeenCalledOnce())
})
