import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApi, type TestApi } from '../testing/api.ts'

/** The fields of its classes: a further one in an answer is an error there (tdworkflow 0.10, `attempt.py`). */
const known = [
  ...['id', 'sessionId', 'sessionUuid', 'sessionTime', 'workflow', 'project', 'index', 'done'],
  ...['retryAttemptName', 'success', 'cancelRequested', 'params', 'createdAt', 'finishedAt'],
  ...['status', 'poolId'],
]

let api: TestApi
beforeAll(async () => {
  api = await createTestApi()
})
afterAll(() => api.close())

type Fields = Readonly<Record<string, unknown>>

test('tdworkflow gets the fields of an attempt that it knows, others get all', async () => {
  await api.push('exact', 'r1', { 'daily.dig': '+a: {echo>: hello}\n' })
  const { body: found } = await api.ask<{ workflows: readonly Fields[] }>('GET', '/api/workflows')
  const start = (headers: Record<string, string>, sessionTime: string) =>
    api.ask<Fields>('PUT', '/api/attempts', {
      headers: { 'content-type': 'application/json', ...headers },
      payload: JSON.stringify({ workflowId: found.workflows[0]?.['id'], sessionTime, params: {} }),
    })
  const headers = { 'user-agent': 'tdworkflow/0.10.1' }
  const { body: started } = await start(headers, '2026-03-05T00:00:00Z')
  const id = String(started['id'])
  await api.ask('POST', `/api/attempts/${id}/kill`, { headers })

  const one = `/api/attempts/${id}`
  const { body: attempt } = await api.ask<Fields>('GET', one, { headers })
  const list = async (path: string): Promise<readonly Fields[]> =>
    (await api.ask<{ attempts: readonly Fields[] }>('GET', path, { headers })).body.attempts
  const lists = [...(await list('/api/attempts')), ...(await list(`${one}/retries`))]
  expect(lists.length).toBeGreaterThan(1)
  for (const answer of [started, attempt, ...lists]) {
    expect(Object.keys(answer).filter((name) => !known.includes(name))).toEqual([])
  }

  const { body: whole } = await api.ask<Fields>('GET', one)
  expect(whole).toMatchObject({ reason: 'start', killedBy: { kind: 'user' } })
})
