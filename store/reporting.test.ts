import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAttempt, task } from './fixtures.ts'
import type { Store } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

test('reporting shows attempts and tasks in the words of the console', async () => {
  const attemptId = await newAttempt(store, 'reported')
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  await store.tasks.end(row!.id, {
    state: 'error',
    version: 1,
    retries: 0,
    error: { message: 'broken' },
    usage: { job: 'p:US.j', bytesBilled: 10, slotMs: 20, cacheHit: false },
  })
  await store.attempts.finish(attemptId, false)
  const attempts = await database.pool.query(
    'select status, bytes_billed::int from reporting.attempts where attempt_id = $1',
    [attemptId],
  )
  expect(attempts.rows).toEqual([{ status: 'error', bytes_billed: 10 }])
  const tasks = await database.pool.query(
    'select status, error, bigquery_job from reporting.tasks where attempt_id = $1',
    [attemptId],
  )
  expect(tasks.rows).toEqual([{ status: 'error', error: 'broken', bigquery_job: 'p:US.j' }])
})

test('a killed attempt shows as killed, a running one as running', async () => {
  const killed = await newAttempt(store, 'killed')
  await store.attempts.requestCancel(killed, { kind: 'user' })
  await store.attempts.finish(killed, false)
  const running = await newAttempt(store, 'running')
  // A kill that was asked for is not yet a killed attempt.
  await store.attempts.requestCancel(running, { kind: 'user' })
  const { rows } = await database.pool.query(
    'select status, seconds >= 0 as timed from reporting.attempts where attempt_id = any($1) order by attempt_id',
    [[killed, running]],
  )
  expect(rows).toEqual([
    { status: 'killed', timed: true },
    { status: 'running', timed: true },
  ])
})
