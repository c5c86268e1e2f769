import type { Static } from 'typebox'
import type pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { chosenSeed, createRandom } from '#harness/random.ts'
import { newAttempt, task } from '#store/fixtures.ts'
import { forever } from '#store/retention/policy.ts'
import type { NewTask } from '#store/types.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { CompactTasks } from '../schemas/compact-tasks.ts'
import type { Task } from '../schemas/task.ts'
import type { TaskWithTries } from '../schemas/task-try.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await createTestApi()
})
afterAll(() => api.close())

type Compact = Static<typeof CompactTasks>

const compact = async (id: AttemptId, query = ''): Promise<Compact> => {
  const answer = await api.ask<Compact>('GET', `/api/attempts/${id}/tasks/compact${query}`)
  expect([query, answer.status, answer.body]).toEqual([query, 200, expect.any(Object)])
  return answer.body
}
const digdag = async (id: AttemptId) =>
  (await api.ask<{ tasks: Static<typeof Task>[] }>('GET', `/api/attempts/${id}/tasks`)).body.tasks

/** What a reader knows of a task. */
interface Known {
  readonly name: string
  readonly parent: number | null
  readonly operator: string | null
  readonly state: string
  readonly after: 0 | 1 | number[]
  readonly end: string | null
  readonly retries: number
  readonly code: string | undefined
}

/** Puts an answer over what is known, as the description of the answer says. */
function read(known: Map<number, Known>, answer: Compact): void {
  if (answer.whole) known.clear()
  const { tasks, timeZero, states, operators } = answer
  const codes = new Map(answer.failures.map(({ id, code }) => [id, code]))
  for (const [place, id] of tasks.id.entries()) {
    const [end, operator] = [tasks.end[place]!, tasks.operator[place]!]
    known.set(id, {
      name: tasks.name[place]!,
      parent: tasks.parent[place]!,
      operator: operator === null ? null : operators[operator]!,
      state: states[tasks.state[place]!]!,
      after: tasks.after[place]!,
      end:
        end === null ? null : `${new Date(+new Date(timeZero) + end).toISOString().slice(0, 19)}Z`,
      retries: tasks.retries[place]!,
      code: codes.get(id) ?? undefined,
    })
  }
}

/** The same in the words of Digdag's form. */
function inDigdagsWords(known: ReadonlyMap<number, Known>) {
  const fullName = ({ name, parent }: Known): string =>
    parent === null ? name : fullName(known.get(parent)!) + name
  return [...known].map(([id, one]) => {
    const siblings = [...known].filter(([, { parent }]) => parent === one.parent)
    const before = siblings.findLast(([other]) => other < id)?.[0]
    const upstreams = one.after === 0 ? [] : one.after === 1 ? [before!] : one.after
    return {
      id: String(id),
      fullName: fullName(one),
      parentId: one.parent === null ? null : String(one.parent),
      upstreams: upstreams.map(String),
      state: one.state,
      isGroup: one.operator === null,
      finishedAt: one.end,
      errorCode: one.code,
    }
  })
}

const comparable = (tasks: readonly Static<typeof Task>[]) =>
  tasks.map((one) => ({
    id: one.id,
    fullName: one.fullName,
    parentId: one.parentId,
    upstreams: one.upstreams,
    state: one.state,
    isGroup: one.isGroup,
    finishedAt: one.finishedAt,
    errorCode: one.errorCode,
  }))

test('what is known after any changes is what Digdag’s form says, whoever commits when', async () => {
  const random = createRandom(chosenSeed())
  const where = `seed ${random.seed}`
  const id = await newAttempt(api.store, `random ${random.seed}`)
  const tree = (depth: number, place: number): NewTask => {
    const { operator, ...rest } = task(`+t${place}`, {
      upstreams: place === 0 ? [] : random.pick([[], [place - 1], [0], [0, place - 1]]),
      ...(random.chance(0.5)
        ? { retry: { limit: 1, intervalSeconds: 0, growth: 'constant' } }
        : {}),
    })
    const children =
      depth === 0 ? [] : Array.from({ length: random.whole(0, 4) }, (_, at) => tree(depth - 1, at))
    return children.length === 0
      ? { ...rest, upstreams: [...new Set(rest.upstreams)], ...(operator ? { operator } : {}) }
      : { ...rest, upstreams: [...new Set(rest.upstreams)], children }
  }
  const ids = (await api.store.tasks.insert(id, null, [tree(4, 0)])).map((row) => row.id)
  const versions = new Map<TaskId, number>()
  const next = (one: TaskId): number => {
    versions.set(one, (versions.get(one) ?? 0) + 1)
    return versions.get(one)!
  }
  const late: pg.PoolClient[] = []
  // What fails leaves nobody waiting for them.
  onTestFinished(() => late.forEach((client) => client.release(true)))
  const locked = new Set<TaskId>()
  const change = async (): Promise<void> => {
    const one = random.pick(ids)
    if (locked.has(one)) return
    const retries = random.whole(0, 2)
    const kind = random.whole(0, 5)
    if (kind === 0) await api.store.tasks.begin(one, { version: next(one), retries })
    else if (kind === 1)
      await api.store.tasks.end(one, { state: 'success', version: next(one), retries })
    else if (kind === 2) {
      const error = { message: 'x'.repeat(random.whole(0, 1000)) }
      const failed = { state: 'error', error, errorCode: 'SQL' } as const
      await api.store.tasks.end(one, { ...failed, version: next(one), retries })
    } else if (kind === 3) {
      const state = random.pick(['planned', 'group_error', 'canceled', 'success'] as const)
      await api.store.tasks.record(id, [{ taskId: one, state, version: next(one) }])
    } else if (kind === 4) {
      const added = await api.store.tasks.insert(id, one, [
        { ...task(`^more-${random.whole(0, 3)}`), round: random.whole(0, 1) },
      ])
      ids.push(...added.map((row) => row.id).filter((added) => !ids.includes(added)))
    } else if (late.length < 3) {
      const client = await api.database.pool.connect()
      await client.query('begin')
      await client.query(
        "update tasks set state = 'running', finished_at = null, error = null, error_code = null where id = $1",
        [one],
      )
      locked.add(one)
      late.push(client)
    }
  }
  const commit = async (): Promise<void> => {
    for (const client of late.splice(0)) {
      await client.query('commit')
      client.release()
    }
    locked.clear()
  }
  const [full, small] = [new Map<number, Known>(), new Map<number, Known>()]
  let since = { full: '', small: '' }
  const look = async (): Promise<void> => {
    const [all, folded] = [
      await compact(id, since.full === '' ? '?full=true' : `?since=${since.full}`),
      await compact(id, since.small === '' ? '' : `?since=${since.small}`),
    ]
    since = { full: all.since, small: folded.since }
    read(full, all)
    read(small, folded)
    const expected = comparable(await digdag(id))
    const sorted = new Map([...full].sort(([one], [other]) => one - other))
    expect([where, ...inDigdagsWords(sorted)]).toEqual([where, ...expected])
    expect(new Map([...small].sort(([one], [other]) => one - other))).toEqual(sorted)
  }
  for (let step = 0; step < 150; step += 1) {
    await change()
    if (random.chance(0.1)) await commit()
    if (random.chance(0.2)) await look()
  }
  await commit()
  await look()
})

const running = { version: 1, retries: 0 } as const

test('a group says when it began, what failed it and how those below it stand', async () => {
  const id = await newAttempt(api.store, 'grouped')
  const { operator: _, ...group } = task('+g', {
    children: [task('+ok'), task('+bad'), task('+worse')],
  })
  const [root, g, ok, bad, worse] = (
    await api.store.tasks.insert(id, null, [task('+w', { children: [group] })])
  ).map((row) => row.id)
  await api.store.tasks.begin(ok!, running)
  await api.store.tasks.end(ok!, { state: 'success', ...running })
  for (const one of [worse!, bad!]) {
    await api.store.tasks.begin(one, running)
    const error = { message: 'm'.repeat(1000) }
    await api.store.tasks.end(one, { state: 'error', ...running, error, errorCode: 'JOB' })
  }
  await api.store.tasks.record(id, [
    { taskId: g!, state: 'group_error', version: 1 },
    { taskId: root!, state: 'group_error', version: 1 },
  ])
  const answer = await compact(id)
  const leaves = { success: 1, error: 2 }
  expect(answer.groups).toEqual([
    { id: root, failedBy: bad, children: { group_error: 1 }, leaves },
    { id: g, failedBy: bad, children: leaves, leaves },
  ])
  const start = (one: TaskId | undefined) => answer.tasks.start[answer.tasks.id.indexOf(one!)]
  expect([start(root), start(g)]).toEqual([start(ok), start(ok)])
  expect(answer.failures.map(({ id: one, code, message }) => [one, code, message?.length])).toEqual(
    [
      [bad, 'JOB', 301],
      [worse, 'JOB', 301],
    ],
  )
})

test('a large group is folded, its pages hold the rest, and full holds all', async () => {
  const id = await newAttempt(api.store, 'large')
  const children = Array.from({ length: 250 }, (_, at) => task(`+t${at}`))
  const rows = await api.store.tasks.insert(id, null, [task('+w', { children })])
  const root = rows[0]!.id
  await api.store.tasks.begin(rows[200]!.id, running)
  const small = await compact(id)
  expect(small.folded).toEqual([root])
  expect(small.tasks.id).toEqual([...rows.slice(0, 11).map((row) => row.id), rows[200]!.id])
  expect(small.groups[0]!.children).toEqual({ blocked: 249, running: 1 })
  const known = new Map<number, Known>()
  read(known, small)
  for (let next: number | null | undefined = 0; next != null;) {
    const page: Compact = await compact(id, `?expand=${root}${next === 0 ? '' : `&after=${next}`}`)
    read(known, page)
    next = page.next
  }
  const full = new Map<number, Known>()
  read(full, await compact(id, '?full=true'))
  expect(new Map([...known].sort(([one], [other]) => one - other))).toEqual(full)
  expect(full.size).toBe(251)

  // What changes in a folded group is answered, folded or not.
  await api.store.tasks.begin(rows[100]!.id, running)
  const { tasks, folded } = await compact(id, `?since=${small.since}`)
  expect(tasks.id).toContain(rows[100]!.id)
  expect(tasks.id).toContain(root)
  expect(folded).toEqual([])
})

test.each([
  ['?since=x', 400, /since/],
  ['?count=3', 400, /expand/],
  ['?expand=1&full=true', 400, /full/],
  ['?expand=1&since=4', 400, /since/],
  ['?expand=987654321', 404, /task id=987654321/],
])('compact%s is %d', async (query, status, message) => {
  const id = await newAttempt(api.store, `refused ${query}`)
  const answer = await api.ask('GET', `/api/attempts/${id}/tasks/compact${query}`)
  expect([answer.status, answer.body.message]).toEqual([status, expect.stringMatching(message)])
})

test('an attempt or a task that is not there is 404, also the task of another attempt', async () => {
  const [one, other] = [await newAttempt(api.store, 'one'), await newAttempt(api.store, 'other')]
  const [row] = await api.store.tasks.insert(one, null, [task('+w')])
  const status = async (path: string) => (await api.ask('GET', `/api/attempts/${path}`)).status
  expect(await status(`${one}/tasks/${row!.id}`)).toBe(200)
  expect(await status(`${other}/tasks/${row!.id}`)).toBe(404)
  expect(await status(`${one}/tasks/${row!.id + 1000}`)).toBe(404)
  expect(await status(`${other + 1000}/tasks/compact`)).toBe(404)
})

test('a task shows its tries, each with its error, its logs and its jobs', async () => {
  const id = await newAttempt(api.store, 'tried')
  const [root] = await api.store.tasks.insert(id, null, [task('+w', { operator: 'bq' })])
  const taskId = root!.id
  const { tasks, logs, usages } = api.store
  for (const [retries, message] of ['first', 'second'].entries()) {
    const at = { version: retries + 1, retries }
    await tasks.begin(taskId, at)
    const job = { kind: 'bigquery', project: 'p', job: message, replacement: 0 } as const
    await usages.begin({ attemptId: id, taskId, retries, polls: 0 }, job)
    const file = await logs.open({ attemptId: id, taskId, fullName: '+w', agent: message })
    await logs.append(file.id, { seq: 0, start: 0 }, `${message}\n`)
    const error = { message }
    await tasks.end(taskId, { state: 'retry_waiting', ...at, error, errorCode: 'JOB' })
  }
  const read = async () =>
    (await api.ask<Static<typeof TaskWithTries>>('GET', `/api/attempts/${id}/tasks/${taskId}`)).body
  const failed = { state: 'error', errorCode: 'JOB', endedAt: expect.any(String) }
  const expected = ['first', 'second'].map((message, at) => ({
    try: at + 1,
    ...failed,
    error: { message },
    logs: [{ agentId: message, fileSize: message.length + 1 }],
    usages: [{ job: message }],
  }))
  const waits = await read()
  expect(waits).toMatchObject({ state: 'retry_waiting', tries: expected })
  expect(waits.tries).toHaveLength(2)

  await tasks.begin(taskId, { version: 3, retries: 2 })
  await logs.open({ attemptId: id, taskId, fullName: '+w', agent: 'third' })
  const runs = await read()
  const third = { try: 3, state: 'running', endedAt: null, error: {}, logs: [{ agentId: 'third' }] }
  expect(runs.tries).toMatchObject([...expected, third])
  expect(runs.tries).toHaveLength(3)
})

test('tasks that retention took away are said to be', async () => {
  const id = await newAttempt(api.store, 'kept')
  const [row] = await api.store.tasks.insert(id, null, [task('+w')])
  await api.store.tasks.begin(row!.id, running)
  await api.store.tasks.begin(row!.id, { version: 2, retries: 1 })
  expect((await api.store.taskTries.before(row!.id)).length).toBe(1)
  const { since } = await compact(id)
  await api.database.pool.query(
    `update attempts set finished_at = now() - interval '2 days', success = false where id = $1`,
    [id],
  )
  const days = { logs: 1, tasks: 1, attempts: forever, usages: 1, archives: 1 }
  for await (const _ of api.store.retention.steps({ default: days, projects: {} }));
  for (const query of ['', '?full=true', `?since=${since}`]) {
    expect(await compact(id, query)).toMatchObject({
      done: true,
      tasksRemovedAt: expect.any(String),
      tasks: { id: [] },
    })
  }
  const gone = await api.ask('GET', `/api/attempts/${id}/tasks/${row!.id}`)
  expect([gone.status, gone.body.message]).toEqual([
    410,
    expect.stringMatching(/were removed on \S+, as SUIRO_RETENTION says/),
  ])
  expect(await api.store.taskTries.before(row!.id)).toEqual([])
})
