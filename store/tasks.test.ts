import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAttempt, task } from './fixtures.ts'
import type { Store } from './index.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

test('tasks are inserted depth first, once, however often and at the same time', async () => {
  const id = await newAttempt(store, 'tasks')
  const tree = [
    task('+daily', {
      children: [
        task('+a', { children: [task('+x'), task('+y', { upstreams: [0] })] }),
        task('+b', { upstreams: [0] }),
      ],
    }),
  ]
  const insert = () => store.tasks.insert(id, null, tree)
  const [rows, again] = await Promise.all([insert(), insert()])
  expect(rows.map(({ fullName }) => fullName)).toEqual([
    '+daily',
    '+daily+a',
    '+daily+a+x',
    '+daily+a+y',
    '+daily+b',
  ])
  expect(again).toEqual(rows)
  expect(rows[3]!.upstreams).toEqual([rows[2]!.id])
  expect(rows[4]!.upstreams).toEqual([rows[1]!.id])
  expect(await store.tasks.ofAttempt(id)).toEqual(rows)
})

test('what is missing is inserted beside what is there already', async () => {
  const id = await newAttempt(store, 'missing')
  const [root] = await store.tasks.insert(id, null, [task('+daily')])
  const below = task('+x', { children: [task('+below')] })
  const [x] = await store.tasks.insert(id, root!.id, [below])
  const mixed = [task('+x'), task('+y', { upstreams: [0], children: [task('+z')] })]
  const rows = await store.tasks.insert(id, root!.id, mixed)
  expect(rows.map(({ fullName }) => fullName)).toEqual([
    '+daily+x',
    '+daily+x+below',
    '+daily+y',
    '+daily+y+z',
  ])
  expect(rows[2]!.upstreams).toEqual([x!.id])
  expect(await store.tasks.ofAttempt(id)).toHaveLength(5)
})

test('a task that waits for one not before it is refused, not started too early', async () => {
  const id = await newAttempt(store, 'forward')
  const tasks = [task('+a', { upstreams: [1] }), task('+b')]
  await expect(store.tasks.insert(id, null, tasks)).rejects.toThrow('+a waits for sibling 1')
  expect(await store.tasks.ofAttempt(id)).toEqual([])
})

test('5,000 tasks are inserted in one go', async () => {
  const id = await newAttempt(store, 'many')
  const children = Array.from({ length: 5_000 }, (_, index) => task(`+t${index}`))
  const rows = await store.tasks.insert(id, null, [task('+daily', { children })])
  expect(rows).toHaveLength(5_001)
  const page = await store.tasks.branch(rows[0]!.id, 0, {
    from: 4_990,
    count: 200,
  })
  expect(page.map(({ name }) => name)).toEqual(
    Array.from({ length: 10 }, (_, index) => `+t${4_990 + index}`),
  )
})

test('an older state never overwrites a newer one', async () => {
  const attemptId = await newAttempt(store, 'versions')
  const { tasks } = store
  const [{ id } = { id: undefined }] = await tasks.insert(attemptId, null, [task('+daily')])
  if (id === undefined) throw new Error('nothing was inserted')
  await tasks.begin(id, { version: 2, retries: 0 })
  await tasks.record(attemptId, [{ taskId: id, state: 'ready', version: 1 }])
  expect((await tasks.find(id))?.state).toBe('running')
  await tasks.end(id, { state: 'success', version: 2, retries: 0, stored: { a: 1 } })
  await tasks.begin(id, { version: 1, retries: 0 })
  expect(await tasks.find(id)).toMatchObject({ state: 'success', version: 2, stored: { a: 1 } })
  await tasks.record(attemptId, [
    { taskId: id, state: 'planned', version: 3 },
    { taskId: id, state: 'group_error', version: 4 },
  ])
  expect((await tasks.find(id))?.state).toBe('group_error')
})

test("a new logical try starts without the last one's progress, a repeated call keeps it", async () => {
  const attemptId = await newAttempt(store, 'tries')
  const { tasks } = store
  const [row] = await tasks.insert(attemptId, null, [task('+daily')])
  const id = row!.id
  await tasks.begin(id, { version: 1, retries: 0 })
  await tasks.saveOperatorState(id, 0, { job: 'j1' })
  await tasks.begin(id, { version: 2, retries: 0 })
  expect((await tasks.find(id))?.operatorState).toEqual({ job: 'j1' })
  await tasks.begin(id, { version: 3, retries: 1 })
  expect((await tasks.find(id))?.operatorState).toEqual({})
})

test('a new logical try clears outcome, error and progress', async () => {
  const attemptId = await newAttempt(store, 'cleared')
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  const id = row!.id
  await store.tasks.begin(id, { version: 1, retries: 0 })
  await store.tasks.saveOperatorState(id, 0, { job: 'j1' })
  await store.tasks.end(id, {
    state: 'retry_waiting',
    version: 1,
    retries: 0,
    outcome: { state: 'error' },
    error: { message: 'broken' },
  })
  await store.tasks.begin(id, { version: 2, retries: 1 })
  expect(await store.tasks.find(id)).toMatchObject({
    state: 'running',
    outcome: null,
    error: null,
    operatorState: {},
  })
  await store.tasks.saveOperatorState(id, 0, { job: 'from the try before' })
  expect((await store.tasks.find(id))?.operatorState).toEqual({})
})

test('an end that comes after the next try began is ignored', async () => {
  const attemptId = await newAttempt(store, 'late')
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  await store.tasks.begin(row!.id, { version: 3, retries: 1 })
  await store.tasks.end(row!.id, {
    state: 'error',
    version: 1,
    retries: 0,
    error: { message: 'x' },
  })
  expect(await store.tasks.find(row!.id)).toMatchObject({ state: 'running', error: null })
})

test('a kill ends what had begun or could have; what waits for something stays blocked', async () => {
  const id = await newAttempt(store, 'killed')
  const tree = task('+w', {
    children: [
      task('+done'),
      task('+running', { upstreams: [0] }),
      task('+ready', { upstreams: [0], children: [task('+below')] }),
      task('+waiting', { upstreams: [1] }),
    ],
  })
  const [root, done, running] = (await store.tasks.insert(id, null, [tree])).map((row) => row.id)
  await store.tasks.record(id, [{ taskId: root!, state: 'planned', version: 1 }])
  await store.tasks.end(done!, { state: 'success', version: 1, retries: 0 })
  await store.tasks.begin(running!, { version: 1, retries: 0 })
  await store.attempts.requestCancel(id, { kind: 'user' })
  await store.attempts.finish(id, true)
  const states = (await store.tasks.ofAttempt(id)).map((row) => `${row.name} ${row.state}`)
  expect(states).toEqual([
    '+w canceled',
    '+done success',
    '+running canceled',
    '+ready canceled',
    '+below blocked',
    '+waiting blocked',
  ])
})

test('text that PostgreSQL cannot work with is stored, its unreadable characters replaced', async () => {
  const attemptId = await newAttempt(store, 'unreadable')
  const bad = 'a\0b\ud800c'
  const good = 'a\u{FFFD}b\u{FFFD}c'
  const [row] = await store.tasks.insert(attemptId, null, [
    task('+daily', { config: { text: bad, literally: '\\u0000' } }),
  ])
  expect(row!.config).toEqual({ text: good, literally: '\\u0000' })
  await store.tasks.end(row!.id, {
    state: 'error',
    version: 1,
    retries: 0,
    error: { message: bad },
    stored: { list: [bad] },
  })
  const { rows } = await database.pool.query(
    "select t.error, stored -> 'list' ->> 0 as stored from reporting.tasks t join tasks on id = task_id where t.attempt_id = $1",
    [attemptId],
  )
  expect(rows).toEqual([{ error: good, stored: good }])
})

test('a task that is within itself is counted, with the tasks of its attempt', async () => {
  const id = await newAttempt(store, 'recursion')
  const again = (...children: ReturnType<typeof task>[]) =>
    task('+again', { operator: 'call', config: { 'call>': 'm' }, children })
  const rows = await store.tasks.insert(id, null, [
    again(task('^sub', { children: [again(task('+other', { children: [again()] }))] })),
    task('+once', { operator: 'call', config: { 'call>': 'm' } }),
  ])
  const deepest = rows.find(({ fullName }) => fullName.endsWith('+other+again'))
  expect(await store.tasks.recursion(id, deepest!.id, 100)).toEqual({ calls: 2, size: rows.length })
  expect(await store.tasks.recursion(id, rows[0]!.id, 3)).toEqual({ calls: 0, size: 3 })
})

test('what came of a try is kept when the next one begins, once, and goes with its task', async () => {
  const attemptId = await newAttempt(store, 'tried')
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  const id = row!.id
  const { tasks, taskTries } = store
  await tasks.begin(id, { version: 1, retries: 0 })
  const error = { message: 'broken' }
  const failed = { state: 'retry_waiting', error, errorCode: 'SQL' } as const
  await tasks.end(id, { ...failed, version: 1, retries: 0 })
  expect(await taskTries.before(id)).toEqual([])
  await tasks.begin(id, { version: 2, retries: 1 })
  // A worker is lost, or it asks to be called again: the same try.
  await tasks.begin(id, { version: 2, retries: 1 })
  await tasks.end(id, { state: 'retry_waiting', version: 2, retries: 1 })
  await tasks.begin(id, { version: 3, retries: 1 })
  await tasks.end(id, { state: 'planned', version: 3, retries: 1 })
  await tasks.record(attemptId, [{ taskId: id, state: 'group_retry_waiting', version: 4 }])
  const waits = await tasks.find(id)
  await tasks.begin(id, { version: 5, retries: 2 })
  // A call of long ago.
  await tasks.begin(id, { version: 1, retries: 0 })
  const before = await taskTries.before(id)
  expect(before).toMatchObject([
    { retries: 0, state: 'error', error, errorCode: 'SQL' },
    { retries: 1, state: 'group_error', error: null, errorCode: null, endedAt: waits?.updatedAt },
  ])
  for (const { startedAt, endedAt } of before) expect(+endedAt).toBeGreaterThanOrEqual(+startedAt)

  // The release before does not know them.
  await database.pool.query('delete from tasks where id = $1', [id])
  expect(await taskTries.before(id)).toEqual([])
})
