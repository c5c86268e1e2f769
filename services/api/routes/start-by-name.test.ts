import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Attempt } from '../schemas/attempt.ts'
import type { Workflow } from '../schemas/workflow.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

type AttemptAnswer = Static<typeof Attempt> & { readonly message: string }

let api: TestApi

beforeAll(async () => {
  api = await createTestApi()
  const daily = 'timezone: Asia/Tokyo\n+a:\n  echo>: hi\n'
  await api.push('hello', 'r1', { 'daily.dig': daily, 'gone.dig': daily })
  await api.push('hello', 'r2', { 'daily.dig': daily, 'weekly.dig': daily })
})
afterAll(() => api.close())

const start = (payload: object) => api.ask<AttemptAnswer>('PUT', '/api/attempts', { payload })

const idOf = async (name: string, revision: string): Promise<string> => {
  const path = `/api/workflow?project=hello&name=${name}&revision=${revision}`
  return (await api.ask<Static<typeof Workflow>>('GET', path)).body.id
}

test('names start the newest revision, or one that is named', async () => {
  const named = { project: 'hello', workflow: 'daily', params: { a: 1 } }
  const newest = await start({ ...named, sessionTime: '2026-01-05' })
  expect(newest.status).toBe(200)
  expect(newest.body).toMatchObject({
    project: { name: 'hello' },
    workflow: { name: 'daily', id: await idOf('daily', 'r2') },
    sessionTime: '2026-01-05T00:00:00+09:00',
    params: { a: 1 },
  })
  const before = await start({ ...named, revision: 'r1', sessionTime: '2026-01-06' })
  expect(before.body.workflow.id).toBe(await idOf('daily', 'r1'))
})

test('now is the second in which it is asked for', async () => {
  const began = Math.floor(Date.now() / 1000) * 1000
  const { status, body } = await start({ project: 'hello', workflow: 'daily', sessionTime: 'now' })
  expect(status).toBe(200)
  const time = Date.parse(body.sessionTime)
  expect(time).toBeGreaterThanOrEqual(began)
  expect(time).toBeLessThanOrEqual(Date.now())
  expect(body.sessionTime).toMatch(/\+09:00$/)
})

test.each([
  [{}, 400, 'Say what to start: "project" and "workflow"'],
  [{ project: 'hello' }, 400, 'Say what to start'],
  [{ workflow: 'daily' }, 400, 'Say what to start'],
  [{ workflowId: 1, project: 'hello' }, 400, 'leave out project, workflow and revision'],
  [{ workflowId: 1, revision: 'r1' }, 400, 'leave out project, workflow and revision'],
  [
    { project: 'helo', workflow: 'daily' },
    404,
    'project name=helo (there are: hello). Did you mean "hello"?',
  ],
  [
    { project: 'hello', workflow: 'dayly' },
    404,
    'workflow name=dayly in project hello, revision r2 (there are: daily, weekly). Did you mean "daily"?',
  ],
  [{ project: 'hello', workflow: 'gone' }, 404, 'workflow name=gone in project hello, revision r2'],
  [{ project: 'hello', workflow: 'daily', revision: 'r9' }, 404, 'revision name=r9'],
])('%j is refused in words', async (what, expected, words) => {
  const { status, body } = await start({ ...what, sessionTime: '2026-01-07' })
  expect([status, body.message]).toEqual([expected, expect.stringContaining(words)])
})

test('a session that ran is not started again, and the answer says how it would be', async () => {
  const named = { project: 'hello', workflow: 'weekly', sessionTime: '2026-01-08' }
  const first = await start(named)
  const id = Number(first.body.id) as AttemptId
  await api.store.attempts.finish(id, false)
  const second = await start(named)
  expect(second.status).toBe(409)
  expect(second.body).toMatchObject({ id: first.body.id, status: 'error', code: 'ATTEMPT_EXISTS' })
  expect(second.body.message).toBe(
    `Nothing was started: the session 2026-01-08T00:00:00+09:00 of hello/weekly has attempt ${id} (error) already. To run the session again, send a "retryAttemptName" that none of its attempts has; with "resume": {"mode": "failed", "attemptId": "${id}"} beside it, tasks that succeeded are not run again`,
  )
  const told = { retryAttemptName: 'again', resume: { mode: 'failed', attemptId: String(id) } }
  expect((await start({ ...named, ...told })).status).toBe(200)
  const named2 = await start({ ...named, retryAttemptName: 'again' })
  expect(named2.body.message).toContain('of the name "again" (running) already')
})
