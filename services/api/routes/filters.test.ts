import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StartReason } from '#workflows/domain/actor.ts'
import type { AttemptId, WorkflowId } from '#workflows/domain/ids.ts'
import type { Attempt } from '../schemas/attempt.ts'
import type { Session } from '../schemas/session.ts'
import type { Workflow } from '../schemas/workflow.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

let api: TestApi
const names = new Map<string, string>()

/** One attempt of each kind, by a name; in the order of their ids, a day after each other. */
const rows: readonly (readonly [
  name: string,
  workflow: string,
  time: string,
  reason: StartReason,
  end: 'running' | 'success' | 'error' | 'killed',
  retry?: string,
])[] = [
  ['failed', 'shop/daily', '2026-01-01T00:00:00Z', 'schedule', 'error'],
  ['mended', 'shop/daily', '2026-01-02T00:00:00Z', 'schedule', 'error'],
  ['retry', 'shop/daily', '2026-01-02T00:00:00Z', 'retry', 'success', 'again'],
  ['killed', 'shop/hourly', '2026-01-03T00:00:00Z', 'start', 'killed'],
  ['filled', 'farm/daily', '2026-01-04T00:00:00Z', 'backfill', 'success'],
  ['needed', 'farm/daily', '2026-01-05T00:00:00Z', 'require', 'running'],
  ['later', 'shop/daily', '2026-01-06T00:00:00Z', 'schedule', 'success'],
]

beforeAll(async () => {
  api = await createTestApi()
  const dig = '+a:\n  echo>: hi\n'
  await api.push('shop', 'r1', { 'daily.dig': dig, 'hourly.dig': dig })
  await api.push('farm', 'r1', { 'daily.dig': dig })
  for (const [index, [name, workflow, time, reason, end, retry]] of rows.entries()) {
    // A new revision in between: its workflows are the same by name.
    if (name === 'later') await api.push('shop', 'r2', { 'daily.dig': dig, 'hourly.dig': dig })
    const { attempt } = await api.store.attempts.start({
      workflowId: await idOf(workflow),
      sessionTime: new Date(time),
      params: {},
      actor: { kind: 'user' },
      reason,
      ...(retry === undefined ? {} : { retryAttemptName: retry }),
    })
    if (end === 'killed') await api.store.attempts.requestCancel(attempt.id, { kind: 'user' })
    if (end !== 'running') await api.store.attempts.finish(attempt.id, end === 'success')
    await accepted(attempt.id, `2026-03-0${index + 1}T12:00:00Z`)
    names.set(String(attempt.id), name)
  }
})
afterAll(() => api.close())

async function idOf(workflow: string): Promise<WorkflowId> {
  const [project, name] = workflow.split('/')
  const path = `/api/workflow?project=${project}&name=${name}`
  return Number((await api.ask<Static<typeof Workflow>>('GET', path)).body.id) as WorkflowId
}

const accepted = (id: AttemptId, time: string) =>
  api.database.pool.query('update attempts set created_at = $2 where id = $1', [id, time])

async function attempts(query: string): Promise<string> {
  const { status, body } = await api.ask<{ attempts: readonly Static<typeof Attempt>[] }>(
    'GET',
    `/api/attempts?${query}`,
  )
  expect([query, status]).toEqual([query, 200])
  return body.attempts.map(({ id }) => names.get(id)).join(' ')
}

async function sessions(query: string, path = '/api/sessions'): Promise<string> {
  const { status, body } = await api.ask<{ sessions: readonly Static<typeof Session>[] }>(
    'GET',
    `${path}?${query}`,
  )
  expect([query, status]).toEqual([query, 200])
  return body.sessions.map(({ lastAttempt }) => names.get(lastAttempt?.id ?? '')).join(' ')
}

test.each([
  ['', 'later needed filled killed retry failed'],
  ['include_retried=true', 'later needed filled killed retry mended failed'],
  ['status=error', 'failed'],
  ['status=error&include_retried=true', 'mended failed'],
  ['status=killed', 'killed'],
  ['status=running', 'needed'],
  ['status=success', 'later filled retry'],
  ['status=error,killed', 'killed failed'],
  ['status=error&status=running', 'needed failed'],
  ['status=success,killed', 'later filled killed retry'],
  ['reason=schedule', 'later failed'],
  ['reason=retry', 'retry'],
  ['reason=backfill,require', 'needed filled'],
  ['reason=start', 'killed'],
  ['workflow=daily', 'later needed filled retry failed'],
  ['workflow=hourly', 'killed'],
  ['workflow=nothing', ''],
  ['project=shop&workflow=daily', 'later retry failed'],
  ['project=farm&workflow=hourly', ''],
  ['workflow=daily&status=error&include_retried=true', 'mended failed'],
  ['project=farm&status=error', ''],
  ['project=shop&workflow=daily&status=success', 'later retry'],
  ['project=shop&workflow=daily&reason=schedule&include_retried=true', 'later mended failed'],
  ['from=2026-03-04T12:00:00Z', 'later needed filled killed'],
  ['to=2026-03-04T12:00:00Z', 'retry failed'],
  ['from=2026-03-04T12:00:00Z&to=2026-03-06T12:00:00Z', 'filled killed'],
  ['from=2026-03-04T21:00:01%2B09:00&to=2026-03-06T12:00:00Z', 'filled'],
  ['from=2026-03-05&to=2026-03-06&timezone=Asia/Tokyo', 'filled'],
  ['from=2026-03-01T00:00:00Z&to=2026-03-05T00:00:00Z&workflow=hourly', 'killed'],
  ['from=2026-03-01T00:00:00Z&status=error', 'failed'],
  ['session_time=2026-01-02T00:00:00Z', 'retry'],
  ['session_time=2026-01-02T00:00:00Z&include_retried=true', 'retry mended'],
  ['session_time=2026-01-02&timezone=UTC', 'retry'],
  ['session_time=2026-01-02&timezone=Asia/Tokyo', ''],
  ['session_from=2026-01-03T00:00:00Z', 'later needed filled killed'],
  ['session_to=2026-01-03T00:00:00Z', 'retry failed'],
  ['session_from=2026-01-02T00:00:00Z&session_to=2026-01-05T00:00:00Z', 'filled killed retry'],
  ['session_from=2026-01-02T00:00:00Z&project=farm&workflow=daily', 'needed filled'],
  ['session_from=2026-01-02T00:00:00Z&workflow=daily&status=success', 'later filled retry'],
])('attempts?%s', async (query, expected) => {
  expect(await attempts(query)).toBe(expected)
})

test.each(['', 'workflow=daily', 'status=success,error', 'session_from=2026-01-01T00:00:00Z'])(
  'attempts?%s come page by page',
  async (filter) => {
    const whole = await attempts(filter)
    const pages: string[] = []
    let last = ''
    for (;;) {
      const page = await attempts(`${filter}&page_size=2${last}`)
      if (page === '') break
      pages.push(page)
      const name = page.split(' ').at(-1)
      const [id] = [...names].find(([, one]) => one === name)!
      last = `&last_id=${id}`
    }
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.join(' ')).toBe(whole)
  },
)

test.each([
  ['', 'later needed filled killed retry failed'],
  ['project=shop', 'later killed retry failed'],
  ['workflow=daily', 'later needed filled retry failed'],
  ['project=shop&workflow=hourly', 'killed'],
  ['workflow=nothing', ''],
  ['status=error', 'failed'],
  ['status=success', 'later filled retry'],
  ['status=killed,running', 'needed killed'],
  ['status=error&project=farm', ''],
  ['session_time=2026-01-04T00:00:00Z', 'filled'],
  ['session_from=2026-01-04T00:00:00Z&workflow=daily', 'later needed filled'],
  ['session_to=2026-01-02&timezone=UTC', 'failed'],
])('sessions?%s', async (query, expected) => {
  expect(await sessions(query)).toBe(expected)
})

test("a project's sessions are filtered the same way", async () => {
  const { projectId } = (await api.store.workflows.find(await idOf('farm/daily')))!
  const path = `/api/projects/${projectId}/sessions`
  expect(await sessions('status=success', path)).toBe('filled')
  expect(await sessions('session_from=2026-01-05T00:00:00Z', path)).toBe('needed')
})

test.each([
  ['status=failed', 'status=failed is unknown. There are: running, success, error, killed'],
  ['status=eror', 'Did you mean error?'],
  ['status=', 'status= is unknown'],
  ['reason=scheduled', 'Did you mean schedule?'],
  ['from=2026-03-04', 'Expected an offset'],
  ['from=yesterday&timezone=UTC', 'from is not a time'],
  ['from=2026-03-04&timezone=Mars', 'timezone=Mars is unknown'],
  ['from=2026-03-05T00:00:00Z&to=2026-03-05T00:00:00Z', 'from must be before to'],
  ['session_time=2026-01-01T00:00:00Z&session_from=2026-01-01T00:00:00Z', 'send one of the two'],
])('attempts?%s is refused in words', async (query, words) => {
  const { status, body } = await api.ask('GET', `/api/attempts?${query}`)
  expect(status).toBe(400)
  expect(body.message).toContain(words)
})

test('schedules are filtered by names', async () => {
  const dig = 'schedule:\n  daily>: 00:00:00\n+a:\n  echo>: hi\n'
  await api.push('one', 'r1', { 'a.dig': dig, 'b.dig': dig })
  await api.push('two', 'r1', { 'b.dig': dig })
  const named = async (query: string) => {
    const { body } = await api.ask<{
      schedules: readonly { project: { name: string }; workflow: { name: string } }[]
    }>('GET', `/api/schedules?${query}`)
    return body.schedules.map(({ project, workflow }) => `${project.name}/${workflow.name}`)
  }
  expect(await named('')).toEqual(['one/a', 'one/b', 'two/b'])
  expect(await named('project=one')).toEqual(['one/a', 'one/b'])
  expect(await named('workflow=b')).toEqual(['one/b', 'two/b'])
  expect(await named('project=two&workflow=a')).toEqual([])
})
