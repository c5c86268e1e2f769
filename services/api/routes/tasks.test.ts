import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAttempt, task } from '#store/fixtures.ts'
import type { Task } from '../schemas/task.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await createTestApi()
})
afterAll(() => api.close())

async function tasksOf(attemptId: number) {
  const path = `/api/attempts/${attemptId}/tasks`
  const { body } = await api.ask<{ tasks: Static<typeof Task>[] }>('GET', path)
  return new Map(body.tasks.map((one) => [one.fullName, one]))
}

const retry = { limit: 3, intervalSeconds: 0, growth: 'constant' } as const

test('retry_count of stateParams says how often _retry granted another run', async () => {
  const id = await newAttempt(api.store, 'counted')
  const { tasks } = api.store
  const { operator: _, ...group } = task('+g', { retry, children: [task('+below')] })
  const tree = task('+w', { children: [group, task('+again'), task('+fails'), task('+polls')] })
  const [, g, , again, fails, polls] = (await tasks.insert(id, null, [tree])).map((row) => row.id)
  // One round was made again, and another one is waited for.
  await tasks.insert(id, g!, [{ ...task('+below'), round: 1 }])
  await tasks.record(id, [{ taskId: g!, state: 'group_retry_waiting', version: 1 }])
  await tasks.end(again!, { state: 'success', version: 1, retries: 2 })
  await tasks.saveOperatorState(fails!, 0, { job: 'x' })
  const waiting = { state: 'retry_waiting', version: 1, retries: 0 } as const
  await tasks.end(fails!, { ...waiting, error: { message: 'no' } })
  await tasks.end(polls!, waiting)
  const answered = await tasksOf(id)
  const stateOf = (name: string) => answered.get(`+w${name}`)?.stateParams
  expect(stateOf('+g')).toEqual({ retry_count: 2 })
  expect(stateOf('+again')).toEqual({ retry_count: 2 })
  expect(stateOf('+fails')).toEqual({ job: 'x', retry_count: 1 })
  expect(stateOf('+polls')).toEqual({})
})

test('a task that was taken over did not start here', async () => {
  const before = await newAttempt(api.store, 'resumed')
  const [ran] = await api.store.tasks.insert(before, null, [task('+w', { operator: 'echo' })])
  await api.store.tasks.begin(ran!.id, { version: 1, retries: 0 })
  await api.store.tasks.end(ran!.id, { state: 'success', version: 1, retries: 0 })
  expect((await tasksOf(before)).get('+w')?.startedAt).not.toBeNull()
  const after = await newAttempt(api.store, 'resuming')
  await api.store.tasks.insert(after, null, [{ ...task('+w'), resumedFrom: ran!.id }])
  expect((await tasksOf(after)).get('+w')).toMatchObject({ state: 'success', startedAt: null })
})

test('a kill is asked of what has not ended, and of what never starts then', async () => {
  const id = await newAttempt(api.store, 'asked')
  const { tasks, attempts } = api.store
  const [root, done] = await tasks.insert(id, null, [
    task('+w', {
      children: [task('+done'), task('+runs'), task('+waits', { upstreams: [1] })],
    }),
  ])
  await tasks.record(id, [
    { taskId: root!.id, state: 'planned', version: 1 },
    { taskId: done!.id, state: 'success', version: 1 },
  ])
  await attempts.requestCancel(id, { kind: 'user' })
  await attempts.finish(id, false)
  const answered = [...(await tasksOf(id)).values()]
  expect(answered.map(({ state, cancelRequested }) => `${state} ${cancelRequested}`)).toEqual([
    'canceled true',
    'success false',
    'canceled true',
    'blocked true',
  ])
})

test.each([
  ['/api/attempts?page_size=0', { attempts: [] }],
  ['/api/sessions?page_size=0', { sessions: [] }],
  ['/api/projects?count=0', { projects: [] }],
  ['/api/workflows?count=0', { workflows: [] }],
])('%s is an empty list', async (path, list) => {
  await newAttempt(api.store, `listed ${path}`)
  expect(await api.ask('GET', path)).toMatchObject({ status: 200, body: list })
})

test.each([
  ['?client=0.10.5.1', 200],
  ['?client=0.11.0-SNAPSHOT', 200],
  ['?client=new', 400],
  ['?client=', 400],
  ['', 400],
])('/api/version/check%s is %d', async (query, status) => {
  expect((await api.ask('GET', `/api/version/check${query}`)).status).toBe(status)
})

test('nothing is known of who pushed, and of an attempt that is not there less', async () => {
  const id = await newAttempt(api.store, 'pushed')
  const of = (attempt: number) => api.ask('GET', `/api/admin/attempts/${attempt}/userinfo`)
  expect(await of(id)).toMatchObject({ status: 200, body: {} })
  expect((await of(id + 1000)).status).toBe(404)
})
