import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { newAttempt, task } from './fixtures.ts'
import type { Store } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import type { UsedBy, UsedResource } from './usages.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

let names = 0

/** A task, and a job of its own. */
async function one(): Promise<{ readonly by: UsedBy; readonly job: UsedResource }> {
  const name = `usage${(names += 1)}`
  const attemptId = await newAttempt(store, name)
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  return {
    by: { attemptId, taskId: row!.id, retries: 0, polls: 0 },
    job: { kind: 'bigquery', project: 'p', job: name, replacement: 0 },
  }
}

const rowsOf = (attemptId: AttemptId) => store.usages.ofAttempt(attemptId)

test('what is begun twice is one row, which learns its location', async () => {
  const { by, job } = await one()
  await store.usages.begin(by, job)
  await store.usages.begin(by, { ...job, location: 'asia-northeast1' })
  await store.usages.begin(by, job)
  expect(await rowsOf(by.attemptId)).toMatchObject([
    { job: job.job, location: 'asia-northeast1', state: 'running', endedAt: null },
  ])
})

test('a known end stays, an unknown one gives way to what is learned later', async () => {
  const { by, job } = await one()
  await store.usages.begin(by, job)
  await store.usages.end(job, { state: 'unknown', reason: 'notFound' })
  await store.usages.end(job, { state: 'succeeded', reason: null, bytesBilled: 5n })
  await store.usages.end(job, { state: 'canceled', reason: 'stopped' })
  await store.usages.begin(by, job)
  expect(await rowsOf(by.attemptId)).toMatchObject([{ state: 'succeeded', bytesBilled: 5n }])
})

test('figures of 64 bits are read as they were written', async () => {
  const { by, job } = await one()
  await store.usages.begin(by, job)
  const largest = 2n ** 63n - 1n
  await store.usages.end(job, {
    state: 'succeeded',
    reason: null,
    bytesProcessed: largest,
    bytesBilled: 2n ** 53n + 1n,
    slotMs: 0n,
    rows: largest,
  })
  expect(await rowsOf(by.attemptId)).toMatchObject([
    { bytesProcessed: largest, bytesBilled: 2n ** 53n + 1n, slotMs: 0n, rows: largest },
  ])
})

test('only a job that its task has left is claimed, by one asker, and not at once again', async () => {
  const { by, job } = await one()
  await store.usages.begin(by, job)
  expect(await store.usages.claimLeft(10)).toEqual([])
  await store.attempts.requestCancel(by.attemptId, { kind: 'user' })
  const claims = await Promise.all([store.usages.claimLeft(10), store.usages.claimLeft(10)])
  expect(claims.flat()).toMatchObject([{ project: 'p', job: job.job, location: null }])
  expect(await store.usages.claimLeft(10)).toEqual([])
  await store.usages.end(job, { state: 'unknown', reason: null })
  await database.pool.query('update usages set checked_at = null')
  expect(await store.usages.claimLeft(10)).toEqual([])
})

/** The statements of the release before, as it sends them. */
const before = {
  begin: `insert into jobs (attempt_id, task_id, retries, project, location, job)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (project, job) do update set location = coalesce(excluded.location, jobs.location)`,
  endOf:
    'update jobs set ended_at = now() where task_id = $1 and retries = $2 and ended_at is null',
  end: 'update jobs set ended_at = now() where id = $1',
  claimLeft: `with due as (
      select j.id, a.project_id, t.config
      from jobs j join attempts a on a.id = j.attempt_id join tasks t on t.id = j.task_id
      where j.ended_at is null
        and (j.checked_at is null or
          j.checked_at < now() - make_interval(secs => least(2 * 2 ^ least(j.checks, 10), 300)))
        and (a.cancel_requested or a.finished_at is not null or t.retries > j.retries
          or t.state in ('success', 'error', 'group_error', 'canceled')
          or t.outcome ->> 'kind' = 'failed')
      order by j.checked_at nulls first, j.id limit $1
      for update of j skip locked)
    update jobs j set checked_at = now(), checks = checks + 1
    from due where j.id = due.id
    returning j.id, j.project, j.location, j.job, due.project_id as "projectId",
      extract(epoch from now() - j.started_at)::float8 as "ageSeconds",
      due.config -> '_secrets' as mounts`,
  taskEnd: `update tasks set bigquery_job = coalesce($2, bigquery_job), bytes_billed = coalesce($3, bytes_billed),
      slot_ms = coalesce($4, slot_ms), cache_hit = coalesce($5, cache_hit) where id = $1
    returning bigquery_job as "bigqueryJob", bytes_billed as "bytesBilled"`,
} as const

test('the release before goes on writing, ending and claiming jobs', async () => {
  const { by, job } = await one()
  const { pool } = database
  const begin = (location: string | null, name = job.job) =>
    pool.query(before.begin, [by.attemptId, by.taskId, by.retries, 'p', location, name])
  await begin(null)
  await begin('US')
  await begin(null, `${job.job}_r1`)
  expect(await rowsOf(by.attemptId)).toMatchObject([
    { kind: 'bigquery', job: job.job, location: 'US', state: 'running', replacement: 0 },
    { job: `${job.job}_r1`, location: null, state: 'running' },
  ])
  await store.attempts.requestCancel(by.attemptId, { kind: 'user' })
  const { rows: claimed } = await pool.query<{ id: number; job: string }>(before.claimLeft, [10])
  expect(claimed.map((row) => row.job)).toEqual([job.job, `${job.job}_r1`])
  await pool.query(before.end, [claimed[1]!.id])
  await pool.query(before.endOf, [by.taskId, by.retries])
  expect((await pool.query(before.claimLeft, [10])).rows).toEqual([])
  const { rows } = await pool.query(before.taskEnd, [by.taskId, 'p:US.j', 10, 20, false])
  expect(rows).toEqual([{ bigqueryJob: 'p:US.j', bytesBilled: 10 }])

  // It knows nothing of figures: this release asks for them.
  await pool.query('update usages set checked_at = null where attempt_id = $1', [by.attemptId])
  expect((await store.usages.claimLeft(10)).map((left) => left.job)).toEqual([
    job.job,
    `${job.job}_r1`,
  ])
})

test('a job that the release before has begun is ended by this one', async () => {
  const { by, job } = await one()
  await database.pool.query(before.begin, [by.attemptId, by.taskId, 0, 'p', 'US', job.job])
  await store.usages.begin(by, job)
  await store.usages.end(job, { state: 'succeeded', reason: null, bytesBilled: 3n })
  const { rows } = await database.pool.query<{ id: TaskId }>(
    'select id from jobs where job = $1 and ended_at is null',
    [job.job],
  )
  expect(rows).toEqual([])
  expect(await rowsOf(by.attemptId)).toMatchObject([{ state: 'succeeded', bytesBilled: 3n }])
})
