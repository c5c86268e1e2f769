import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { start, task } from '#store/fixtures.ts'
import type { AttemptId, WorkflowId } from '#workflows/domain/ids.ts'
import type { Overview } from '../schemas/overview.ts'
import type { Workflow } from '../schemas/workflow.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

type OverviewAnswer = Static<typeof Overview>

let api: TestApi

beforeAll(async () => {
  api = await createTestApi()
})
afterAll(() => api.close())

const dig = '+a:\n  echo>: hi\n'
const scheduled = `timezone: Asia/Tokyo\nschedule:\n  daily>: 07:00:00\n${dig}`

async function push(project: string, text: string = dig): Promise<WorkflowId> {
  await api.push(project, 'r1', { 'daily.dig': text })
  const path = `/api/workflow?project=${project}&name=daily`
  return Number((await api.ask<Static<typeof Workflow>>('GET', path)).body.id) as WorkflowId
}

async function overview(query: string): Promise<OverviewAnswer> {
  const { status, body } = await api.ask<OverviewAnswer>('GET', `/api/overview?${query}`)
  expect(status).toBe(200)
  return body
}

const sql = (text: string, ...values: readonly unknown[]) =>
  api.database.pool.query(text, [...values])

/** An attempt of a day whose task `+a` has begun. */
async function running(workflowId: WorkflowId, day: number, retryAttemptName?: string) {
  const { attempts, tasks } = api.store
  const { attempt } = await start(api.store, workflowId, day, {
    ...(retryAttemptName === undefined ? {} : { retryAttemptName }),
  })
  await attempts.markStarted(attempt.id)
  const rows = await tasks.open(attempt.id, task('+daily', { children: [task('+a'), task('+b')] }))
  const [a] = rows.filter(({ name }) => name === '+a')
  await tasks.begin(a!.id, { version: 1, retries: 0, worker: randomUUID() })
  return { id: attempt.id, task: a!.id }
}

async function failed(workflowId: WorkflowId, day: number, retryAttemptName?: string) {
  const attempt = await running(workflowId, day, retryAttemptName)
  await api.store.tasks.end(attempt.task, {
    state: 'error',
    version: 2,
    retries: 0,
    error: { message: 'no such table' },
    errorCode: 'SQL',
  })
  await api.store.attempts.finish(attempt.id, false)
  return attempt.id
}

async function succeeded(workflowId: WorkflowId, day: number, retryAttemptName?: string) {
  const { id } = await running(workflowId, day, retryAttemptName)
  await api.store.attempts.finish(id, true)
  return id
}

const idsOf = (list: readonly { readonly attempt: string }[]) =>
  list.map(({ attempt }) => Number(attempt))

test('what failed has its cause; what was mended or is tried again is no failure', async () => {
  const workflow = await push('failing')
  const broken = await failed(workflow, 1)
  await failed(workflow, 2)
  await succeeded(workflow, 2, 'again')
  await failed(workflow, 3)
  const retried = await running(workflow, 3, 'again')
  await failed(workflow, 4)
  const twice = await failed(workflow, 4, 'again')
  const gone = await running(workflow, 5)
  await api.store.attempts.abandon(gone.id, { killed: false, why: 'its workflow was gone' })
  const old = await failed(workflow, 6)
  await sql(`update attempts set finished_at = now() - interval '25 hours' where id = $1`, old)
  await succeeded(workflow, 7)

  const answer = await overview('project=failing')
  expect(answer.counts).toMatchObject({ failed: 3, killed: 0, mended: 1, running: 1 })
  expect(idsOf(answer.failed)).toEqual([gone.id, twice, broken])
  expect(answer.failed.map(({ cause }) => cause)).toEqual([
    { task: '+daily', message: 'its workflow was gone', code: null },
    { task: '+daily+a', message: 'no such table', code: 'SQL' },
    { task: '+daily+a', message: 'no such table', code: 'SQL' },
  ])
  expect(answer.failed[2]).toMatchObject({
    project: { name: 'failing' },
    workflow: { name: 'daily' },
    sessionTime: '2001-01-01T00:00:00+00:00',
  })
  expect(idsOf(answer.running)).toEqual([retried.id])
  expect(idsOf((await overview('project=failing&hours=48')).failed)).toContain(old)
})

test('a killed attempt is no failure, and says who killed it', async () => {
  const workflow = await push('killing')
  const { id } = await running(workflow, 1)
  await api.store.attempts.requestCancel(id, { kind: 'user', through: 'curl/8' })
  await api.store.attempts.finish(id, false)
  const answer = await overview('project=killing')
  expect(answer.counts).toMatchObject({ failed: 0, killed: 1 })
  expect(answer.killed).toMatchObject([
    { attempt: String(id), killedBy: { kind: 'user', through: 'curl/8' } },
  ])
})

test('what runs says which tasks do, what waits says what for', async () => {
  const workflow = await push('busy')
  const { id } = await running(workflow, 1)
  const first = (await start(api.store, workflow, 2)).attempt.id
  const second = (await start(api.store, workflow, 3, { afterAttemptId: first })).attempt.id
  const answer = await overview('project=busy')
  expect(answer.counts).toMatchObject({ running: 1, waiting: 2, late: 0 })
  expect(answer.running).toMatchObject([{ attempt: String(id), tasks: ['+daily+a'] }])
  expect(idsOf(answer.waiting)).toEqual([first, second])
  expect(answer.waiting.map(({ after }) => after)).toEqual([undefined, String(first)])
})

test('late is what is past its sla, and what runs much longer than usual', async () => {
  const withSla = await push('slow', `sla:\n  duration: 00:30:00\n${dig}`)
  const late = await running(withSla, 1)
  await running(withSla, 2)
  await sql(`update attempts set created_at = now() - interval '31 minutes' where id = $1`, late.id)
  expect((await overview('project=slow')).late).toMatchObject([
    { why: 'sla', attempt: String(late.id) },
  ])

  const workflow = await push('usual')
  for (const day of [1, 2, 3]) {
    const id = await succeeded(workflow, day)
    await sql(
      `update attempts set started_at = finished_at - interval '5 minutes' where id = $1`,
      id,
    )
  }
  const long = await running(workflow, 4)
  const normal = await running(workflow, 5)
  const started = (minutes: number, id: AttemptId) =>
    sql(
      `update attempts set started_at = now() - make_interval(mins => $1) where id = $2`,
      minutes,
      id,
    )
  await started(16, long.id)
  await started(14, normal.id)
  expect((await overview('project=usual')).late).toMatchObject([
    { why: 'longer_than_usual', attempt: String(long.id), usualSeconds: 300 },
  ])
})

test('a schedule that did not start its session is late, one that is paused has missed it', async () => {
  await push('overdue', scheduled)
  await push('paused', scheduled)
  const overdue = (project: string) =>
    sql(
      `update schedules set next_run_time = now() - interval '2 minutes', next_session_time = $2
      where project_id = (select id from projects where name = $1)`,
      project,
      '2026-11-25T15:00:00Z',
    )
  await overdue('overdue')
  await overdue('paused')
  const expectedBefore = await overview('project=paused')
  expect(expectedBefore.late).toMatchObject([{ why: 'not_started' }])
  const [schedule] = expectedBefore.late
  const id = schedule?.why === 'not_started' ? schedule.schedule : ''
  await api.ask('POST', `/api/schedules/${id}/disable`)

  const late = await overview('project=overdue')
  expect(late.late).toMatchObject([
    { why: 'not_started', sessionTime: '2026-11-26T00:00:00+09:00', workflow: { name: 'daily' } },
  ])
  expect(late.counts).toMatchObject({ missed: 0, expected: 1 })
  const paused = await overview('project=paused')
  expect(paused.counts).toMatchObject({ late: 0, missed: 1, expected: 0 })
  expect(paused.missed).toMatchObject([
    { reason: 'disabled', schedule: id, from: '2026-11-26T00:00:00+09:00' },
  ])
  expect(paused.missed[0]).not.toHaveProperty('skippedBy')
})

test('what comes in these hours is expected, and what somebody passed over is missed', async () => {
  await push('coming', scheduled)
  const before = await overview('project=coming')
  expect(before.expected).toHaveLength(1)
  expect(Date.parse(before.expected[0]!.runTime)).toBeGreaterThan(Date.now())
  expect((await overview('project=coming&hours=72')).expected).toHaveLength(3)
  const { schedule, sessionTime } = before.expected[0]!
  const { status } = await api.ask('POST', `/api/schedules/${schedule}/skip`, {
    payload: { count: 1, dryRun: false },
    headers: { 'user-agent': 'curl/8' },
  })
  expect(status).toBe(200)
  const after = await overview('project=coming&hours=24')
  expect(after.expected).toEqual([])
  expect(after.missed).toMatchObject([
    { reason: 'skipped', from: sessionTime, skippedBy: { kind: 'user', through: 'curl/8' } },
  ])
  await sql(
    `update skipped_sessions set created_at = now() - interval '2 days',
      from_session_time = now() - interval '4 days', until_session_time = now() - interval '3 days'
    where schedule_id = $1`,
    schedule,
  )
  expect((await overview('project=coming&hours=24')).missed).toEqual([])
})

test('lists are cut, counts are not', async () => {
  const workflow = await push('many')
  await sql(
    `with s as (
      insert into sessions (project_id, workflow_name, session_time)
      select w.project_id, w.name, now() - make_interval(secs => n) from workflows w, generate_series(1, 130) n
      where w.id = $1 returning id, project_id)
    insert into attempts (session_id, project_id, workflow_id, index, started_at, finished_at, success)
    select id, project_id, $1, 1, now(), now(), false from s`,
    workflow,
  )
  const answer = await overview('project=many')
  expect(answer.failed).toHaveLength(100)
  expect(answer.counts.failed).toBe(130)
  expect(answer.more).toEqual(['failed'])
  expect(answer.failed[0]).not.toHaveProperty('cause')
})

test('all projects are in it but those that are deleted; what is asked wrongly is refused', async () => {
  const workflow = await push('removed')
  const gone = await failed(workflow, 1)
  const before = await overview('')
  expect(idsOf(before.failed)).toContain(gone)
  const { projectId } = (await api.store.workflows.find(workflow))!
  await api.ask('DELETE', `/api/projects/${projectId}`)
  const after = await overview('')
  expect(idsOf(after.failed)).not.toContain(gone)
  expect(after.counts).toEqual({ ...before.counts, failed: before.counts.failed - 1 })
  expect(after.counts.failed).toBe(133)
  expect((await api.ask('GET', '/api/overview?project=nothing')).status).toBe(404)
  expect((await api.ask('GET', '/api/overview?hours=0')).status).toBe(400)
  expect((await api.ask('GET', '/api/overview?hour=3')).body.message).toContain('"hours"')
})
