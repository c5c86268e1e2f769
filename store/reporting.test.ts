import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor, StartReason } from '#workflows/domain/actor.ts'
import type { AttemptId, ScheduleId, TaskId } from '#workflows/domain/ids.ts'
import { newAttempt, pushOne, start, task } from './fixtures.ts'
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
  })
  const by = { attemptId, taskId: row!.id, polls: 0 }
  const job = (name: string) =>
    ({ kind: 'bigquery', project: 'p', job: name, replacement: 0 }) as const
  await store.usages.begin({ ...by, retries: 0 }, { ...job('j1'), location: 'US' })
  await store.usages.end(job('j1'), {
    state: 'failed',
    reason: 'invalidQuery',
    bytesBilled: 10n,
    bytesProcessed: 7n,
    slotMs: 20n,
    cacheHit: false,
    startedAt: new Date('2026-03-05T00:00:00Z'),
    endedAt: new Date('2026-03-05T00:01:30Z'),
  })
  await store.usages.begin({ ...by, retries: 1 }, { ...job('j2'), location: 'US' })
  await store.usages.end(job('j2'), { state: 'succeeded', reason: null, bytesBilled: 5n })
  await store.usages.begin({ ...by, retries: 2 }, job('j3'))
  await store.usages.end(job('j3'), { state: 'not_run', reason: 'accessDenied' })
  await store.attempts.finish(attemptId, false)
  const attempts = await database.pool.query(
    `select status, bytes_billed::int, slot_ms::int, bytes_processed::int, jobs::int
    from reporting.attempts where attempt_id = $1`,
    [attemptId],
  )
  expect(attempts.rows).toEqual([
    { status: 'error', bytes_billed: 15, slot_ms: 20, bytes_processed: 7, jobs: 2 },
  ])
  const tasks = await database.pool.query(
    `select status, error, bigquery_job, bytes_billed::int, slot_ms::int, cache_hit, jobs::int
    from reporting.tasks where attempt_id = $1`,
    [attemptId],
  )
  expect(tasks.rows).toEqual([
    {
      status: 'error',
      error: 'broken',
      bigquery_job: 'p:US.j2',
      bytes_billed: 15,
      slot_ms: 20,
      cache_hit: null,
      jobs: 2,
    },
  ])
  const usages = await database.pool.query(
    `select project, workflow, task, try, job, status, reason, bytes_billed::int, seconds::int
    from reporting.usages where attempt_id = $1 order by usage_id`,
    [attemptId],
  )
  const one = { project: 'reported', workflow: 'daily', task: '+daily' }
  expect(usages.rows).toMatchObject([
    {
      ...one,
      try: 1,
      job: 'j1',
      status: 'error',
      reason: 'invalidQuery',
      bytes_billed: 10,
      seconds: 90,
    },
    { ...one, try: 2, job: 'j2', status: 'success', reason: null, bytes_billed: 5 },
    { ...one, try: 3, job: 'j3', status: 'not run', reason: 'accessDenied', bytes_billed: null },
  ])
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

test('the queries of docs/usage.md run', async () => {
  const page = await readFile(new URL('../docs/usage.md', import.meta.url), 'utf8')
  const queries = [...page.matchAll(/```sql\n(.+?)```/gs)].map(([, sql]) => sql!)
  expect(queries).toHaveLength(2)
  const attemptId = await newAttempt(store, 'costly')
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  const job = { kind: 'bigquery', project: 'p', job: 'costly', replacement: 0 } as const
  await store.usages.begin({ attemptId, taskId: row!.id, retries: 0, polls: 0 }, job)
  await store.usages.end(job, { state: 'failed', reason: 'timeout', bytesBilled: 2n ** 40n })
  const [billed] = await Promise.all(queries.map((sql) => database.pool.query(sql)))
  expect(billed!.rows[0]).toEqual({
    project: 'costly',
    workflow: 'daily',
    tib_billed: 1,
    tib_in_vain: 1,
  })
})

test('reporting says who started and killed an attempt, and why', async () => {
  const { store } = database
  const { id } = await pushOne(store, 'asked')
  const by = async (day: number, actor: Actor, reason: StartReason): Promise<AttemptId> =>
    (await start(store, id, day, { actor, reason })).attempt.id
  const ids = [
    await by(11, { kind: 'user', through: 'digdag' }, 'start'),
    await by(12, { kind: 'schedule', scheduleId: 7 as ScheduleId }, 'schedule'),
    await by(13, { kind: 'task', attemptId: 3 as AttemptId, taskId: 4 as TaskId }, 'require'),
    await by(14, { kind: 'user' }, 'retry'),
  ]
  await store.attempts.requestCancel(ids[0]!, { kind: 'temporal' })
  const { rows } = await database.pool.query(
    'select reason, started_by, killed_by from reporting.attempts where attempt_id = any($1) order by attempt_id',
    [ids],
  )
  expect(rows).toEqual([
    { reason: 'start', started_by: 'digdag', killed_by: 'somebody in Temporal' },
    { reason: 'schedule', started_by: 'schedule 7', killed_by: null },
    { reason: 'require', started_by: 'attempt 3', killed_by: null },
    { reason: 'retry', started_by: 'somebody', killed_by: null },
  ])
})

test('reporting shows each try of each task that ran here', async () => {
  const attemptId = await newAttempt(store, 'tried')
  const [, id, waits, group, below] = (
    await store.tasks.insert(attemptId, null, [
      task('+daily', {
        children: [task('+a'), task('+never'), task('+loop', { children: [task('+x')] })],
      }),
    ])
  ).map((row) => row.id)
  expect([waits, below]).not.toContain(undefined)
  const broken = { state: 'retry_waiting', error: { message: 'broken' } } as const
  await store.tasks.begin(id!, { version: 1, retries: 0 })
  await store.tasks.end(id!, { ...broken, version: 1, retries: 0, errorCode: 'SQL' })
  await store.tasks.begin(id!, { version: 2, retries: 1 })
  await store.tasks.end(id!, { ...broken, version: 2, retries: 1 })
  await store.tasks.begin(group!, { version: 1, retries: 0 })
  const tries = async () => {
    const { rows } = await database.pool.query(
      `select task, try, status, error, error_code, ended_at is not null as ended, seconds >= 0 as timed
      from reporting.tries where attempt_id = $1 order by task_id, try`,
      [attemptId],
    )
    return rows
  }
  const ended = { status: 'error', error: 'broken', error_code: null, ended: true, timed: true }
  const open = { status: 'running', error: null, error_code: null, ended: false, timed: true }
  expect(await tries()).toEqual([
    { task: '+daily+a', try: 1, ...ended, error_code: 'SQL' },
    { task: '+daily+a', try: 2, ...ended },
    { task: '+daily+loop', try: 1, ...open },
  ])
  await store.tasks.begin(id!, { version: 3, retries: 2 })
  await store.tasks.end(id!, { state: 'success', version: 3, retries: 2 })
  await store.tasks.end(group!, { state: 'canceled', version: 1, retries: 0 })
  expect((await tries()).map(({ task: name, try: at, status }) => [name, at, status])).toEqual([
    ['+daily+a', 1, 'error'],
    ['+daily+a', 2, 'error'],
    ['+daily+a', 3, 'success'],
    ['+daily+loop', 1, 'killed'],
  ])
})
