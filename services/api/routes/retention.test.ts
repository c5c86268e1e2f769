import { afterAll, beforeAll, expect, test } from 'vitest'
import { forever } from '#store/retention/policy.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await createTestApi()
})
afterAll(() => api.close())

/** Carries out retention as if everything that may go had been kept long enough. */
async function carryOut(): Promise<void> {
  await api.database.pool.query(`update revisions set created_at = now() - interval '2 days'`)
  await api.database.pool.query(
    `update attempts set finished_at = now() - interval '2 days', success = false`,
  )
  const days = { logs: 1, tasks: 1, attempts: forever, usages: 1, archives: 1 }
  const steps = api.store.retention.steps({ default: days, projects: {} })
  for await (const _ of steps);
}

test('what retention took away is refused with a sentence: its run, its archive, its resume', async () => {
  const pushed = await api.push('shop', 'r1', { 'daily.dig': '+a:\n  echo>: hi\n' })
  const projectId = pushed.body.id
  const path = `/api/projects/${projectId}/workflows?name=daily`
  const workflowId = async (): Promise<string> =>
    (await api.ask<{ workflows: readonly [{ id: string }] }>('GET', path)).body.workflows[0].id
  const before = await workflowId()
  const start = (id: string, more: object = {}) =>
    api.ask<{ id: string; message?: string }>('PUT', '/api/attempts', {
      payload: { workflowId: id, sessionTime: '2026-01-05', params: {}, ...more },
    })
  const first = await start(before)
  expect(first.status).toBe(200)
  await api.push('shop', 'r2', { 'daily.dig': '+a:\n  echo>: hello\n' })
  await carryOut()

  const again = await start(before, { retryAttemptName: 'again' })
  expect([again.status, again.body.message]).toEqual([
    410,
    expect.stringMatching(/^The files of revision r1 were removed on \S+, as SUIRO_RETENTION says/),
  ])
  const archive = await api.ask('GET', `/api/projects/${projectId}/archive?revision=r1`)
  expect(archive.status).toBe(410)
  expect((await api.ask('GET', `/api/projects/${projectId}/archive`)).status).toBe(200)

  const attempt = await api.ask('GET', `/api/attempts/${first.body.id}`)
  expect(attempt.body).toMatchObject({
    tasksRemovedAt: expect.any(String),
    logsRemovedAt: expect.any(String),
  })
  const tasks = await api.ask('GET', `/api/attempts/${first.body.id}/tasks`)
  expect([tasks.status, tasks.body]).toEqual([200, { tasks: [] }])
  const resumed = await start(await workflowId(), {
    retryAttemptName: 'resumed',
    resume: { mode: 'failed', attemptId: first.body.id },
  })
  expect([resumed.status, resumed.body.message]).toEqual([
    400,
    expect.stringContaining('were removed on'),
  ])
  expect((await start(await workflowId(), { retryAttemptName: 'anew' })).status).toBe(200)
})
