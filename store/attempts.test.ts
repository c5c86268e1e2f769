import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAttempt, pushOne, start } from './fixtures.ts'
import type { Store } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

test('ten simultaneous starts of one session make one attempt', async () => {
  const { id } = await pushOne(store, 'simultaneous')
  const answers = await Promise.all(Array.from({ length: 10 }, () => start(store, id, 5)))
  expect(answers.filter(({ created }) => created)).toHaveLength(1)
  expect(new Set(answers.map(({ attempt }) => attempt.id)).size).toBe(1)
})

test('an idempotency key answers the first attempt, also for another session and at the same time', async () => {
  const { id } = await pushOne(store, 'keyed')
  const answers = await Promise.all(
    [5, 6, 7].map((day) => start(store, id, day, { idempotencyKey: 'k' })),
  )
  expect(new Set(answers.map(({ attempt }) => attempt.id)).size).toBe(1)
  expect(answers.filter(({ created }) => created)).toHaveLength(1)
})

test('one request sent five times at once is one attempt, and no conflict', async () => {
  const { id } = await pushOne(store, 'repeated')
  // Whether the repeat meets the first one before or behind its insert is luck, so many are tried.
  for (let day = 1; day <= 10; day += 1) {
    const sent = Array.from({ length: 5 }, () =>
      start(store, id, day, { idempotencyKey: `repeated-${day}` }),
    )
    const answers = await Promise.all(sent)
    const words = answers.map((answer) => (answer.created ? 'created' : answer.reason))
    expect(words.toSorted()).toEqual(['created', ...Array(4).fill('idempotency-key')])
  }
})

test('another key, or none, for a session that is there is a conflict', async () => {
  const { id } = await pushOne(store, 'conflicting')
  const first = await start(store, id, 5, { idempotencyKey: 'mine' })
  for (const more of [{ idempotencyKey: 'yours' }, {}]) {
    const again = await start(store, id, 5, more)
    expect(again).toMatchObject({ created: false, reason: 'session-exists' })
    expect(again.attempt.id).toBe(first.attempt.id)
  }
})

test('retries started at the same time are numbered one after the other', async () => {
  const { id, projectId } = await pushOne(store, 'numbered')
  const names = ['a', 'b', 'c', 'd', 'e']
  await Promise.all(names.map((retryAttemptName) => start(store, id, 5, { retryAttemptName })))
  const all = await store.attempts.list({ projectId, includeRetried: true, count: 10 })
  expect(all.map(({ index }) => index)).toEqual([5, 4, 3, 2, 1])
})

test('a retry is the next attempt of the session, and the list shows only the last', async () => {
  const { id, projectId } = await pushOne(store, 'retried')
  const first = await start(store, id, 5)
  const second = await start(store, id, 5, { retryAttemptName: 'again' })
  expect([first.attempt.index, second.attempt.index]).toEqual([1, 2])
  const list = (includeRetried: boolean) =>
    store.attempts.list({ projectId, includeRetried, count: 10 })
  expect((await list(false)).map((attempt) => attempt.id)).toEqual([second.attempt.id])
  expect(await list(true)).toHaveLength(2)
  const [session] = await store.sessions.list({ projectId, count: 10 })
  expect(session?.lastAttempt?.id).toBe(second.attempt.id)
})

test('an attempt finishes once, and can be killed only before', async () => {
  const id = await newAttempt(store, 'finished')
  const { attempts } = store
  expect(await attempts.requestCancel(id, { kind: 'user' })).toBe(true)
  await attempts.finish(id, false)
  await attempts.finish(id, true)
  expect(await attempts.find(id)).toMatchObject({ success: false, cancelRequested: true })
  expect(await attempts.requestCancel(id, { kind: 'user' })).toBe(false)
})

test('an attempt that was killed while it ran is no success, nor is what ended after the kill', async () => {
  const id = await newAttempt(store, 'killed late')
  const task = { config: {}, exports: {}, upstreams: [], children: [] }
  const tasks = await store.tasks.insert(id, null, [
    {
      ...task,
      name: '+case',
      children: [
        { ...task, name: '+a', operator: 'echo' },
        { ...task, name: '+b', operator: 'echo' },
        { ...task, name: '+c', operator: 'echo' },
      ],
    },
  ])
  const [root, before, after, failed] = tasks.map((row) => row.id)
  await store.tasks.end(before!, { state: 'success', version: 1, retries: 0 })
  await store.attempts.requestCancel(id, { kind: 'user' })
  await store.tasks.end(after!, { state: 'success', version: 1, retries: 0 })
  await store.tasks.end(failed!, { state: 'error', version: 1, retries: 0 })
  await store.tasks.record(id, [{ taskId: root!, state: 'success', version: 1 }])
  const states = (await store.tasks.ofAttempt(id)).map(({ state }) => state)
  expect(states).toEqual(['canceled', 'success', 'canceled', 'error'])
  await store.attempts.finish(id, true)
  expect(await store.attempts.find(id)).toMatchObject({ success: false, cancelRequested: true })
})

test('an attempt that Temporal never took is found until it did', async () => {
  const id = await newAttempt(store, 'unstarted')
  const found = async () => (await store.attempts.unstarted(0)).map((attempt) => attempt.id)
  expect(await found()).toContain(id)
  expect((await store.attempts.unstarted(60)).map((attempt) => attempt.id)).not.toContain(id)
  await store.attempts.markStarted(id)
  expect(await found()).not.toContain(id)
})
