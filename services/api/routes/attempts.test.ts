import { setImmediate as turn } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { newWorkflow } from '#store/new-workflow.ts'
import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Attempt } from '../schemas/attempt.ts'
import type { Task } from '../schemas/task.ts'
import type { Workflow } from '../schemas/workflow.ts'
import { newAttempt } from '#store/fixtures.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

type AttemptAnswer = Static<typeof Attempt>

let api: TestApi
let workflowId: string

beforeAll(async () => {
  api = await createTestApi()
  await api.push('shop', 'r1', {
    'daily.dig': 'timezone: Asia/Tokyo\n+a:\n  echo>: hi\n',
    'other.dig': '+a:\n  echo>: hi\n',
  })
  workflowId = await idOf(api, 'shop', 'daily')
})
afterAll(() => api.close())

async function idOf(of: TestApi, project: string, name: string): Promise<string> {
  const path = `/api/workflow?project=${project}&name=${name}`
  return (await of.ask<Static<typeof Workflow>>('GET', path)).body.id
}

const start = async (
  sessionTime: string,
  more: object = {},
  headers: Record<string, string> = {},
) => {
  const answer = await api.ask<AttemptAnswer>('PUT', '/api/attempts', {
    payload: { workflowId, sessionTime, params: {}, ...more },
    headers,
  })
  await api.informed()
  return answer
}

const workflowOf = async (id: string) => {
  const attempt = await api.store.attempts.find(Number(id) as AttemptId)
  return api.client.workflow.getHandle(attempt!.temporalId)
}

async function eventsOf(id: string): Promise<readonly string[]> {
  const { events } = await (await workflowOf(id)).fetchHistory()
  return (events ?? []).flatMap((event) =>
    Object.keys(event).filter((key) => key.endsWith('Attributes')),
  )
}

test('a start is a workflow in Temporal, named and described', async () => {
  const { status, body, headers } = await start('2026-01-05', { params: { date: 'x' } })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    status: 'running',
    index: 1,
    sessionTime: '2026-01-05T00:00:00+09:00',
    params: { date: 'x' },
    done: false,
  })
  const running = await (await workflowOf(body.id)).describe()
  expect(running).toMatchObject({ type: 'runAttempt', taskQueue: 'control' })
  expect(running.memo).toEqual({
    project: 'shop',
    workflow: 'daily',
    sessionTime: '2026-01-05T00:00:00+09:00',
  })
  const title = 'shop/daily 2026-01-05T00:00:00+09:00 (Asia/Tokyo)'
  expect(await running.staticSummary()).toBe(title)
  const page = `http://suiro.example/api/attempts/${body.id}`
  expect(await running.staticDetails()).toContain(`[log](${page}/log)`)
  expect(running.workflowId).toBe(`shop/daily/2026-01-05T00:00:00+09:00/attempt-${body.id}`)
  expect(running.searchAttributes).toMatchObject({
    SuiroProject: ['shop'],
    SuiroWorkflow: ['daily'],
    SuiroAttemptId: [Number(body.id)],
    SuiroSessionTime: [new Date('2026-01-04T15:00:00Z')],
    SuiroReason: ['start'],
    SuiroStartedBy: [expect.any(String)],
  })
  expect(headers['link']).toBe(`<http://ui.example/${body.temporalId}>; rel="monitor"`)
  expect((await api.store.attempts.find(Number(body.id) as AttemptId))?.startedAt).not.toBeNull()
})

test('a second start of a session answers 409 with the first one', async () => {
  const first = await start('2026-01-06T00:00:00+09:00')
  const second = await start('2026-01-05T15:00:00Z')
  expect(second.status).toBe(409)
  expect(second.body).toEqual({
    ...first.body,
    code: 'ATTEMPT_EXISTS',
    message: `Nothing was started: the session 2026-01-06T00:00:00+09:00 of shop/daily has attempt ${first.body.id} (running) already. To run the session again, send a "retryAttemptName" that none of its attempts has`,
  })
  const blank = await start('2026-01-06', { retryAttemptName: ' ' })
  expect(blank).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('retryAttemptName must not be blank') },
  })
  const retried = await start('2026-01-06', { retryAttemptName: 'again' })
  expect((await (await workflowOf(retried.body.id)).describe()).memo).toMatchObject({
    retryAttemptName: 'again',
  })
  expect(retried.body).toMatchObject({
    index: 2,
    retryAttemptName: 'again',
    sessionId: first.body.sessionId,
  })
})

test('an attempt says who started it, through what and why, and who killed it', async () => {
  const headers = { 'user-agent': 'digdag-client/0.10.5' }
  const through = { kind: 'user', through: 'digdag-client/0.10.5' }
  const first = await start('2026-02-01', {}, headers)
  expect(first.body).toMatchObject({ reason: 'start', startedBy: through })
  expect(first.body).not.toHaveProperty('killedBy')
  const kill = (agent: string) =>
    api.ask('POST', `/api/attempts/${first.body.id}/kill`, { headers: { 'user-agent': agent } })
  await kill('curl/8')
  await kill('somebody else')
  const killed = await api.ask<AttemptAnswer>('GET', `/api/attempts/${first.body.id}`)
  expect(killed.body.killedBy).toEqual({ kind: 'user', through: 'curl/8' })
  const again = await start('2026-02-01', { retryAttemptName: 'x' }, { 'user-agent': ' ' })
  expect(again.body).toMatchObject({ reason: 'retry', startedBy: { kind: 'user' } })
  expect(again.body.startedBy).not.toHaveProperty('through')
})

test('a start repeated with its idempotency key answers the first attempt', async () => {
  const key = { 'idempotency-key': 'order-17' }
  const first = await start('2026-01-07', {}, key)
  for (const time of ['2026-01-07', '2026-01-08']) {
    const again = await start(time, {}, key)
    expect(again.status).toBe(200)
    expect(again.body.id).toBe(first.body.id)
  }
  const other = await start('2026-01-07', { workflowId: await idOf(api, 'shop', 'other') }, key)
  expect(other.status).toBe(422)
  expect(other.body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
})

test('ids may be numbers or texts', async () => {
  const answer = await start('2026-01-09', { workflowId: Number(workflowId) })
  expect(answer.status).toBe(200)
})

test('a workflow stored before a push checked its sla is refused at its start, as in Digdag', async () => {
  const root = { name: '+late', config: {}, exports: {}, upstreams: [], children: [] }
  const config = { sla: { fail: true }, '+a': { 'echo>': 'hi' } }
  await api.store.projects.push({
    project: 'old',
    revision: 'r1',
    archive: Buffer.alloc(0),
    archiveMd5: '',
    workflows: [newWorkflow({ name: 'late', timezone: 'UTC', config, root }, 'runAttempt')],
    firstTimes: () => ({ runTime: new Date(), sessionTime: new Date() }),
  })
  const answer = await start('2026-01-09', { workflowId: await idOf(api, 'old', 'late') })
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({
    message: "SLA must be specified using either the 'time' or 'duration' option",
  })
})

test('all mistakes in a request are reported at once, each with what was expected', async () => {
  const { status, body } = await api.ask('PUT', '/api/attempts', {
    payload: { workflowId: 'daily', params: [] },
  })
  expect(status).toBe(400)
  expect(body).toMatchObject({ code: 'REQUEST_INVALID', status: 400 })
  expect(body.message).toContain('sessionTime is required')
  expect(body.message).toContain('workflowId must be integer, but is "daily"')
  expect(body.message).toContain('params must be object')
})

test('a resume that cannot work is refused before anything starts', async () => {
  const first = await start('2026-01-10')
  const resume = { mode: 'failed', attemptId: first.body.id }
  const running = await start('2026-01-10', { retryAttemptName: 'r', resume })
  expect(running.body).toMatchObject({ code: 'RESUME_RUNNING' })
  await api.store.attempts.finish(Number(first.body.id) as AttemptId, false)
  const unknown = { mode: 'from', attemptId: first.body.id, from: '+nope' }
  const noMatch = await start('2026-01-10', { retryAttemptName: 'r', resume: unknown })
  expect(noMatch.body).toMatchObject({ code: 'RESUME_NO_MATCH' })
  const fine = await start('2026-01-10', { retryAttemptName: 'r', resume })
  expect(fine.status).toBe(200)
})

test('a kill cancels the workflow, and can be repeated until the attempt is finished', async () => {
  const { body } = await start('2026-01-11')
  const kill = () => api.ask('POST', `/api/attempts/${body.id}/kill`)
  expect((await kill()).status).toBe(200)
  expect((await kill()).status).toBe(200)
  expect(await eventsOf(body.id)).toContain('workflowExecutionCancelRequestedEventAttributes')
  const asked = await api.ask<AttemptAnswer>('GET', `/api/attempts/${body.id}`)
  expect(asked.body).toMatchObject({ status: 'running', cancelRequested: true })
  await api.store.attempts.finish(Number(body.id) as AttemptId, false)
  expect((await kill()).body).toMatchObject({ code: 'ATTEMPT_DONE', status: 409 })
  const killed = await api.ask<AttemptAnswer>('GET', `/api/attempts/${body.id}`)
  expect(killed.body.status).toBe('killed')
})

test('a kill ends an attempt whose workflow was terminated from outside', async () => {
  const { body } = await start('2026-01-12')
  await (await workflowOf(body.id)).terminate('by hand')
  expect((await api.ask('POST', `/api/attempts/${body.id}/kill`)).status).toBe(200)
  const killed = await api.ask<AttemptAnswer>('GET', `/api/attempts/${body.id}`)
  expect(killed.body).toMatchObject({ status: 'killed', done: true })
})

test(
  'what is accepted while Temporal is away is started by the sweep',
  { timeout: 60_000 },
  async () => {
    const connection = Connection.lazy({ address: '127.0.0.1:1' })
    const cut = await createTestApi({ client: createTemporalClient(connection) })
    try {
      await cut.push('shop', 'r1', { 'daily.dig': '+a:\n  echo>: hi\n' })
      const id = await idOf(cut, 'shop', 'daily')
      const payload = { workflowId: id, sessionTime: '2026-01-05', params: {} }
      const first = await cut.ask<AttemptAnswer>('PUT', '/api/attempts', { payload })
      expect(first.status).toBe(200)
      // Temporal is still being informed: nobody waits for that.
      let informed = false
      void cut.informed().then(() => (informed = true))
      await turn()
      expect(informed).toBe(false)
      payload.sessionTime = '2026-01-06'
      const second = await cut.ask<AttemptAnswer>('PUT', '/api/attempts', { payload })
      const kill = await cut.ask('POST', `/api/attempts/${second.body.id}/kill`)
      expect(kill.body).toMatchObject({ code: 'TEMPORAL_UNAVAILABLE', status: 503 })

      await cut.reconnected.sweep.once()
      const handle = ({ temporalId }: AttemptAnswer) =>
        cut.reconnected.client.workflow.getHandle(temporalId!)
      expect((await handle(first.body).describe()).status.name).toBe('RUNNING')
      const { events } = await handle(second.body).fetchHistory()
      expect(events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes)).toBe(
        true,
      )
      expect(await cut.store.attempts.unstarted(0)).toEqual([])
      await cut.reconnected.sweep.once()
    } finally {
      await cut.close()
      await connection.close()
    }
  },
)

test('one that a worker took and did not start is started by the sweep', async () => {
  const id = await newAttempt(api.store, 'taken')
  await api.store.workerVersions.see('v')
  expect((await api.store.attempts.take(id, 'v'))?.id).toBe(id)
  expect(await api.store.attempts.take(id, 'v')).toBeUndefined()
  await api.reconnected.sweep.once()
  expect((await (await workflowOf(String(id))).describe()).status.name).toBe('RUNNING')
  expect((await api.store.attempts.find(id))?.startedAt).not.toBeNull()
})

test('a task has what each of its tries used, and the sum of it', async () => {
  const { body } = await start('2026-02-20')
  const attemptId = Number(body.id) as AttemptId
  const [task] = await api.store.tasks.insert(attemptId, null, [
    { name: '+x', operator: 'bq', config: {}, exports: {}, upstreams: [], children: [] },
    { name: '+y', operator: 'echo', config: {}, exports: {}, upstreams: [], children: [] },
  ])
  const by = { attemptId, taskId: task!.id, polls: 0 }
  const job = (name: string) =>
    ({ kind: 'bigquery', project: 'p', job: name, location: 'US', replacement: 0 }) as const
  await api.store.usages.begin({ ...by, retries: 0 }, job('a'))
  await api.store.usages.end(job('a'), { state: 'failed', reason: 'timeout', bytesBilled: 10n })
  await api.store.usages.begin({ ...by, retries: 1 }, job('b'))
  const { status, body: answer } = await api.ask<{ tasks: Static<typeof Task>[] }>(
    'GET',
    `/api/attempts/${body.id}/tasks`,
  )
  expect(status).toBe(200)
  const [used, unused] = answer.tasks
  expect(used?.bigquery).toEqual({ job: 'p:US.b', bytesBilled: 10, slotMs: null, cacheHit: null })
  expect(used?.usages).toMatchObject([
    { job: 'a', retries: 0, state: 'failed', reason: 'timeout', bytesBilled: '10' },
    { job: 'b', retries: 1, state: 'running', bytesBilled: null, endedAt: null },
  ])
  expect(unused).toMatchObject({ bigquery: null, usages: [] })
})

test('parameters keep their numbers to the last digit, in the answers too', async () => {
  const params = '{"id":1234567890123456789,"rate":1.0,"l":[25000.0,9007199254740993]}'
  const { raw, status } = await api.ask('PUT', '/api/attempts', {
    payload: `{"workflowId": ${workflowId}.0, "sessionTime": "2026-02-05", "params": ${params}}`,
    headers: { 'content-type': 'application/json' },
  })
  expect(status).toBe(200)
  expect(raw.toString()).toContain(`"params":${params}`)
})

test.each([
  ['"params": 25000.0', /params must be object, but is 25000.0/],
  ['"params": {"a": 1e999}', /params.a \(in the body\) is too large a number/],
])('a start with %s is refused', async (field, message) => {
  const { raw, status } = await api.ask('PUT', '/api/attempts', {
    payload: `{"workflowId": ${workflowId}, "sessionTime": "2026-02-06", ${field}}`,
    headers: { 'content-type': 'application/json' },
  })
  expect(status).toBe(400)
  expect(raw.toString()).toMatch(message)
})
