import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Task } from '#store/types.ts'
import { newAttempt, task } from '#store/fixtures.ts'
import type { Store } from '#store/index.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import { createFormerWorker } from './former-worker.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

const tasksOf = async (name: string, ...names: readonly string[]): Promise<readonly Task[]> => {
  const attemptId = await newAttempt(store, name)
  return store.tasks.insert(
    attemptId,
    null,
    names.map((each) => task(each)),
  )
}
/** A process that ends gives no sign of life; here all are one that goes on. */
const silent = () => ({ ...store.workerDeaths, seen: () => Promise.resolve() })
/** The task is tried by a process of its own, which ends without a word. */
const tryIn = async (worker: string, { id }: Task): Promise<void> => {
  const now = await store.tasks.find(id)
  await createFormerWorker(silent(), 'test', worker).ask(now!, 1, never)
  await store.tasks.begin(id, { version: 1, retries: 0, worker })
}
/** As if its last sign of life was long ago. */
const die = (worker: string) =>
  database.pool.query(
    `insert into workers values ($1, 'test', now() - interval '1 minute')
    on conflict (id) do update set seen_at = excluded.seen_at`,
    [worker],
  )
const never = new AbortController().signal

describe('a run whose worker ended', { timeout: 60_000 }, () => {
  test('is tried again, but not after a second one', async () => {
    const [row] = await tasksOf('deaths', '+a')
    const [first, second] = [randomUUID(), randomUUID()]
    await tryIn(first, row!)
    await die(first)
    await tryIn(second, row!)
    await die(second)
    await expect(tryIn(randomUUID(), row!)).rejects.toThrow('ended the worker twice')
    // Another try of the same task is another matter.
    await store.tasks.begin(row!.id, { version: 2, retries: 1, worker: second })
    const now = await store.tasks.find(row!.id)
    await createFormerWorker(silent(), 'test', randomUUID()).ask(now!, 2, never)
  })

  test('does not count when the worker gave it up, or lives', async () => {
    const [given, lost] = await tasksOf('goodbye', '+given', '+lost')
    for (let i = 0; i < 3; i += 1) {
      const worker = randomUUID()
      await tryIn(worker, given!)
      await createFormerWorker(silent(), 'test', worker).release(given!.id)
      await die(worker)
    }
    const living = Array.from({ length: 4 }, () => randomUUID())
    const show = () => living.map((worker) => store.workerDeaths.seen(worker, 'test'))
    const alive = setInterval(show, 1_000)
    for (const worker of living) await tryIn(worker, lost!)
    clearInterval(alive)
    const { rows } = await database.pool.query(
      'select * from worker_deaths where task_id = any($1)',
      [[given!.id, lost!.id]],
    )
    expect(rows).toEqual([])
  })

  test('is tried alone when others were in both workers, and only the guilty one is refused', async () => {
    const [guilty, innocent] = await tasksOf('together', '+guilty', '+innocent')
    const workers = Array.from({ length: 4 }, () => randomUUID())
    for (const worker of workers.slice(0, 2)) {
      await Promise.all([tryIn(worker, guilty!), tryIn(worker, innocent!)])
      await die(worker)
    }
    await tryIn(workers[2]!, guilty!)
    const waiting = tryIn(workers[3]!, innocent!)
    const over = Promise.withResolvers<string>()
    waiting.then(() => over.resolve('tried'), over.reject)
    const turn = store.workerDeaths.verdict({ id: innocent!.id, version: 1 }, workers[3]!)
    expect(await turn).toBe('wait')
    await die(workers[2]!)
    await expect(tryIn(randomUUID(), guilty!)).rejects.toThrow('ended the worker twice')
    expect(await over.promise).toBe('tried')
  })
})
