import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScheduleDefinition, WorkflowDefinition } from '#workflows/dig/definition.ts'
import type { AttemptId, WorkflowId } from '#workflows/domain/ids.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import type { NewTask, Workflow } from './types.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const daily: ScheduleDefinition = {
  type: 'daily',
  command: '05:00:00',
  timezone: 'Asia/Tokyo',
  delaySeconds: 0,
  skipOnOvertime: false,
}

function definition(name: string, schedule?: ScheduleDefinition): WorkflowDefinition {
  const config = { '+b': { 'echo>': 'x' }, '+a': { 'echo>': 'y' } }
  const root = { name: `+${name}`, config: {}, exports: {}, upstreams: [], children: [] }
  return { name, timezone: 'Asia/Tokyo', config, root, ...(schedule ? { schedule } : {}) }
}

const firstTimes = (_: ScheduleDefinition, last: Date | null) => {
  const sessionTime = new Date(last === null ? '2001-01-01T15:00:00Z' : last.getTime() + 86_400_000)
  return { sessionTime, runTime: new Date(sessionTime.getTime() + 5 * 3_600_000) }
}

async function push(project: string, revision: string, ...workflows: WorkflowDefinition[]) {
  const pushed = await database.store.projects.push({
    project,
    revision,
    archive: Buffer.from(revision),
    archiveMd5: 'md5',
    workflows: workflows.map((one) => ({ definition: one, workflowType: 'runAttempt' })),
    firstTimes,
  })
  if (pushed === 'revision-exists') throw new Error('the revision exists')
  return pushed
}

async function pushOne(project: string): Promise<Workflow> {
  const { workflows } = await push(project, 'r1', definition('daily'))
  return workflows[0]!
}

const start = (workflowId: WorkflowId, day: number, more: object = {}) =>
  database.store.attempts.start({
    workflowId,
    sessionTime: new Date(Date.UTC(2001, 0, day)),
    params: {},
    ...more,
  })

async function newAttempt(project: string): Promise<AttemptId> {
  const { id } = await pushOne(project)
  return (await start(id, 5)).attempt.id
}

const task = (name: string, more: Partial<NewTask> = {}): NewTask => ({
  name,
  operator: 'echo',
  config: {},
  exports: {},
  upstreams: [],
  children: [],
  ...more,
})

test('a revision name is used once, and the latest revision is the one in force', async () => {
  await push('revisions', 'r1', definition('old'))
  await push('revisions', 'r2', definition('new'))
  await expect(push('revisions', 'r1', definition('again'))).rejects.toThrow('the revision exists')
  const project = await database.store.projects.findByName('revisions')
  expect(project?.revision).toBe('r2')
  const { workflows } = database.store
  expect((await workflows.ofProject(project!.id)).map(({ name }) => name)).toEqual(['new'])
  expect((await workflows.findByName(project!.id, 'old', 'r1'))?.revision).toBe('r1')
})

test("a workflow's config keeps the order of its keys", async () => {
  const { config } = await pushOne('ordered')
  expect(Object.keys(config)).toEqual(['+b', '+a'])
})

test('a schedule outlives revisions, and goes when its workflow has none any more', async () => {
  const first = await push('scheduled', 'r1', definition('daily', daily))
  const [schedule] = first.schedules
  await database.store.schedules.advance(schedule!.id, {
    lastSessionTime: new Date('2001-01-01T15:00:00Z'),
    nextRunTime: new Date('2001-01-02T20:00:00Z'),
    nextSessionTime: new Date('2001-01-02T15:00:00Z'),
  })
  const second = await push('scheduled', 'r2', definition('daily', daily))
  expect(second.schedules[0]).toMatchObject({
    id: schedule!.id,
    nextSessionTime: new Date('2001-01-02T15:00:00Z'),
  })
  const third = await push('scheduled', 'r3', definition('daily'))
  expect(third.removedSchedules).toEqual([schedule!.id])
  expect(await database.store.schedules.find(schedule!.id)).toBeUndefined()
})

test('a deleted project frees its name and keeps its history', async () => {
  const workflow = await pushOne('deleted')
  await start(workflow.id, 1)
  await database.store.projects.delete(workflow.projectId)
  expect(await database.store.projects.findByName('deleted')).toBeUndefined()
  expect((await database.store.projects.find(workflow.projectId))?.deletedAt).toBeInstanceOf(Date)
  const again = await pushOne('deleted')
  expect(again.projectId).not.toBe(workflow.projectId)
})

test('ten simultaneous starts of one session make one attempt', async () => {
  const { id } = await pushOne('simultaneous')
  const answers = await Promise.all(Array.from({ length: 10 }, () => start(id, 5)))
  expect(answers.filter(({ created }) => created)).toHaveLength(1)
  expect(new Set(answers.map(({ attempt }) => attempt.id)).size).toBe(1)
})

test('an idempotency key answers the first attempt, also for another session and at the same time', async () => {
  const { id } = await pushOne('keyed')
  const answers = await Promise.all([5, 6, 7].map((day) => start(id, day, { idempotencyKey: 'k' })))
  expect(new Set(answers.map(({ attempt }) => attempt.id)).size).toBe(1)
  expect(answers.filter(({ created }) => created)).toHaveLength(1)
})

test('a retry is the next attempt of the session, and the list shows only the last', async () => {
  const { id, projectId } = await pushOne('retried')
  const first = await start(id, 5)
  const second = await start(id, 5, { retryAttemptName: 'again' })
  expect([first.attempt.index, second.attempt.index]).toEqual([1, 2])
  const list = (includeRetried: boolean) =>
    database.store.attempts.list({ projectId, includeRetried, count: 10 })
  expect((await list(false)).map((attempt) => attempt.id)).toEqual([second.attempt.id])
  expect(await list(true)).toHaveLength(2)
  const [session] = await database.store.sessions.list({ projectId, count: 10 })
  expect(session?.lastAttempt?.id).toBe(second.attempt.id)
})

test('an attempt finishes once, and can be killed only before', async () => {
  const id = await newAttempt('finished')
  const { attempts } = database.store
  expect(await attempts.requestCancel(id)).toBe(true)
  await attempts.finish(id, false)
  await attempts.finish(id, true)
  expect(await attempts.find(id)).toMatchObject({ success: false, cancelRequested: true })
  expect(await attempts.requestCancel(id)).toBe(false)
})

test('tasks are inserted depth first, once, however often and at the same time', async () => {
  const id = await newAttempt('tasks')
  const tree = [
    task('+daily', {
      children: [
        task('+a', { children: [task('+x'), task('+y', { upstreams: [0] })] }),
        task('+b', { upstreams: [0] }),
      ],
    }),
  ]
  const insert = () => database.store.tasks.insert(id, null, tree)
  const [rows, again] = await Promise.all([insert(), insert()])
  expect(rows!.map(({ fullName }) => fullName)).toEqual([
    '+daily',
    '+daily+a',
    '+daily+a+x',
    '+daily+a+y',
    '+daily+b',
  ])
  expect(again).toEqual(rows)
  expect(rows![3]!.upstreams).toEqual([rows![2]!.id])
  expect(rows![4]!.upstreams).toEqual([rows![1]!.id])
  expect(await database.store.tasks.ofAttempt(id)).toEqual(rows)
})

test('5,000 tasks are inserted in one go', async () => {
  const id = await newAttempt('many')
  const children = Array.from({ length: 5_000 }, (_, index) => task(`+t${index}`))
  const rows = await database.store.tasks.insert(id, null, [task('+daily', { children })])
  expect(rows).toHaveLength(5_001)
  const page = await database.store.tasks.childrenOfRound(rows[0]!.id, 0, {
    from: 4_990,
    count: 200,
  })
  expect(page.map(({ name }) => name)).toEqual(
    Array.from({ length: 10 }, (_, index) => `+t${4_990 + index}`),
  )
})

test('an older state never overwrites a newer one', async () => {
  const attemptId = await newAttempt('versions')
  const { tasks } = database.store
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
  const attemptId = await newAttempt('tries')
  const { tasks } = database.store
  const [row] = await tasks.insert(attemptId, null, [task('+daily')])
  const id = row!.id
  await tasks.begin(id, { version: 1, retries: 0 })
  await tasks.saveOperatorState(id, 0, { job: 'j1' })
  await tasks.begin(id, { version: 2, retries: 0 })
  expect((await tasks.find(id))?.operatorState).toEqual({ job: 'j1' })
  await tasks.begin(id, { version: 3, retries: 1 })
  expect((await tasks.find(id))?.operatorState).toEqual({})
})

test('a log is read in the order of its chunks, and a repeated chunk changes nothing', async () => {
  const attemptId = await newAttempt('logs')
  const [row] = await database.store.tasks.insert(attemptId, null, [task('+daily')])
  const { logs } = database.store
  const file = await logs.open({ attemptId, taskId: row!.id, fullName: '+daily', agent: 'w1' })
  await logs.append(file.id, 1, 'two\n')
  await logs.append(file.id, 0, 'one\0\n')
  await logs.append(file.id, 1, 'again\n')
  expect(await logs.text(file.id)).toBe('one\u{FFFD}\ntwo\n')
  const files = await logs.files(attemptId, '+dai')
  expect(files.map(({ id, size }) => [id, size])).toEqual([[file.id, 11]])
  expect(await logs.files(attemptId, '+other')).toEqual([])
})

test('a secret is unreadable in the table, and bound to its project and name', async () => {
  const { projectId } = await pushOne('secrets')
  const { secrets } = database.store
  await secrets.set(projectId, 'pg.password', 'open sesame')
  expect(await secrets.get(projectId, 'pg.password')).toBe('open sesame')
  const { rows } = await database.pool.query('select value from secrets')
  expect(rows[0].value.toString('latin1')).not.toContain('sesame')
  await database.pool.query("update secrets set key = 'other' where project_id = $1", [projectId])
  await expect(secrets.get(projectId, 'other')).rejects.toThrow(/authenticate/)
})

test('reporting shows attempts and tasks in the words of the console', async () => {
  const attemptId = await newAttempt('reported')
  const [row] = await database.store.tasks.insert(attemptId, null, [task('+daily')])
  await database.store.tasks.end(row!.id, {
    state: 'error',
    version: 1,
    retries: 0,
    error: { message: 'broken' },
    usage: { job: 'p:US.j', bytesBilled: 10, slotMs: 20, cacheHit: false },
  })
  await database.store.attempts.finish(attemptId, false)
  const attempts = await database.pool.query(
    'select status, bytes_billed::int from reporting.attempts where attempt_id = $1',
    [attemptId],
  )
  expect(attempts.rows).toEqual([{ status: 'error', bytes_billed: 10 }])
  const tasks = await database.pool.query(
    'select error, bigquery_job from reporting.tasks where attempt_id = $1',
    [attemptId],
  )
  expect(tasks.rows).toEqual([{ error: 'broken', bigquery_job: 'p:US.j' }])
})
