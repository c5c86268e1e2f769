import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { chosenSeed, createRandom } from '#harness/random.ts'
import type { AttemptId, ScheduleId, WorkflowId } from '#workflows/domain/ids.ts'
import { daily, definition, push, start, task } from '../fixtures.ts'
import { createTestDatabase, logText, type TestDatabase } from '../testing.ts'
import { forever, retainedKinds, type KeptDays, type RetentionPolicy } from './policy.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() =>
  database.pool.query(
    'truncate projects, revisions, workflows, schedules, sessions, attempts, tasks, usages, log_files cascade',
  ),
)
/** Whatever was taken away: nothing points to nowhere, and every log that is left can be read. */
async function readLogs(): Promise<void> {
  const rows = await query<{ id: number }>('select id from log_files')
  const texts = await Promise.all(rows.map(({ id }) => logText(database.store.logs, id)))
  expect(texts).toEqual(texts.map(() => 'printed\n'))
}

const keep = (days: Partial<KeptDays> = {}, projects = {}): RetentionPolicy => ({
  default: {
    logs: forever,
    tasks: forever,
    attempts: forever,
    usages: forever,
    archives: forever,
    ...days,
  },
  projects,
})

const query = async <Row extends object>(sql: string, params: readonly unknown[] = []) =>
  (await database.pool.query<Row>(sql, [...params])).rows

async function carryOut(policy: RetentionPolicy): Promise<Record<string, number>> {
  const removed: Record<string, number> = {}
  for await (const { what, count } of database.store.retention.steps(policy)) {
    removed[what] = (removed[what] ?? 0) + count
  }
  await readLogs()
  return removed
}

async function workflowOf(project: string, revision = 'r1'): Promise<WorkflowId> {
  const { workflows } = await push(database.store, project, revision, definition('daily'))
  return workflows[0]!.id
}

let day = 0
/** An attempt with two tasks, a log, a job; it ended so many days ago, or is under way. */
async function attempt(
  workflow: WorkflowId,
  endedDaysAgo: number | undefined,
  resumes?: AttemptId,
): Promise<AttemptId> {
  const { store } = database
  day += 1
  const resume =
    resumes === undefined ? {} : { resume: { mode: 'failed', attemptId: resumes } as const }
  const { id } = (await start(store, workflow, day, resume)).attempt
  const [root] = await store.tasks.insert(id, null, [
    task('+daily', { children: [task('+a', { operator: 'bq' })] }),
  ])
  const file = await store.logs.open({
    attemptId: id,
    taskId: root!.id,
    fullName: '+daily',
    agent: 'w',
  })
  await store.logs.append(file.id, { seq: 0, start: 0 }, 'printed\n')
  const [{ id: taskId } = { id: 0 }] = await query<{ id: number }>(
    `select id from tasks where attempt_id = $1 and name = '+a'`,
    [id],
  )
  await query(
    `insert into usages (attempt_id, task_id, retries, project, job, state, bytes_billed)
    values ($1, $2, 0, 'p', $3, 'succeeded', 10)`,
    [id, taskId, `job-${id}`],
  )
  if (endedDaysAgo !== undefined) {
    await query(
      `update attempts set success = true, finished_at = now() - make_interval(days => $2) where id = $1`,
      [id, endedDaysAgo],
    )
  }
  return id
}

const count = async (table: string): Promise<number> =>
  (await query<{ n: number }>(`select count(*)::int as n from ${table}`))[0]!.n

test('by default nothing goes that is younger than a year', async () => {
  const { defaultRetention } = await import('./policy.ts')
  await attempt(await workflowOf('shops'), 399)
  expect(await carryOut(defaultRetention)).toEqual({})
})

test('logs go after their days, of attempts that ended, and the attempt says so', async () => {
  const shops = await workflowOf('shops')
  const old = await attempt(shops, 31)
  const young = await attempt(shops, 29)
  const open = await attempt(shops, undefined)
  const due = (policy: RetentionPolicy) => database.store.retention.due(policy)
  expect((await due(keep({ logs: 30 }))).logs).toMatchObject({ rows: 1, bytes: 8 })
  expect(await carryOut(keep({ logs: 30 }))).toEqual({ 'logs of attempts': 1 })
  const { attempts, logs } = database.store
  expect((await attempts.find(old))?.logsRemovedAt).toBeInstanceOf(Date)
  expect(await logs.files(old)).toEqual([])
  for (const id of [young, open]) {
    expect((await attempts.find(id))?.logsRemovedAt).toBeNull()
    expect(await logs.files(id)).toHaveLength(1)
  }
  expect((await due(keep({ logs: 30 }))).logs).toEqual({ rows: 0, bytes: null, oldest: null })
})

test('a project may keep its own longer, or shorter', async () => {
  const shops = await attempt(await workflowOf('shops'), 40)
  const payments = await attempt(await workflowOf('payments'), 40)
  const registers = await attempt(await workflowOf('registers'), 10)
  const all = keep({ logs: 30 }).default
  const policy = keep(all, { payments: { ...all, logs: 60 }, registers: { ...all, logs: 5 } })
  expect(await carryOut(policy)).toEqual({ 'logs of attempts': 2 })
  const { logs } = database.store
  expect([await logs.files(shops), await logs.files(registers)]).toEqual([[], []])
  expect(await logs.files(payments)).toHaveLength(1)
})

test('what tasks cost outlives them, under their names', async () => {
  const id = await attempt(await workflowOf('shops'), 31)
  expect(await carryOut(keep({ logs: 30, tasks: 30 }))).toEqual({
    'logs of attempts': 1,
    'tasks of attempts': 1,
  })
  expect((await database.store.attempts.find(id))?.tasksRemovedAt).toBeInstanceOf(Date)
  expect(await count('tasks')).toBe(0)
  expect(await query('select task, operator, bytes_billed from reporting.usages')).toEqual([
    { task: '+daily+a', operator: 'bq', bytes_billed: 10 },
  ])
  expect(await query('select status, jobs from reporting.attempts')).toEqual([
    { status: 'success', jobs: 1 },
  ])
})

test('an attempt that is resumed by one under way keeps its tasks', async () => {
  const shops = await workflowOf('shops')
  const resumed = await attempt(shops, 31)
  const resuming = await attempt(shops, undefined, resumed)
  const policy = keep({ logs: 30, tasks: 30, usages: 30, attempts: 30 })
  await carryOut(policy)
  expect(await database.store.tasks.ofAttempt(resumed)).toHaveLength(2)
  await database.store.attempts.finish(resuming, true)
  await carryOut(policy)
  expect(await database.store.attempts.find(resumed)).toBeUndefined()
})

test('attempts go with their sessions; a session that was tried again since stays', async () => {
  const shops = await workflowOf('shops')
  await attempt(shops, 31)
  const first = await attempt(shops, 31)
  const { sessionTime } = (await database.store.attempts.find(first))!
  await start(database.store, shops, 0, { sessionTime, retryAttemptName: 'again' })
  await carryOut(keep({ logs: 30, tasks: 30, usages: 30, attempts: 30 }))
  expect([await count('attempts'), await count('sessions')]).toEqual([1, 1])
})

test('a job whose end nobody has seen is kept, and its attempt with it', async () => {
  const id = await attempt(await workflowOf('shops'), 31)
  await query(`update usages set state = 'running'`)
  await carryOut(keep({ logs: 30, tasks: 30, usages: 30, attempts: 30 }))
  expect(await count('usages')).toBe(1)
  expect(await database.store.attempts.find(id)).toBeDefined()
})

test("an archive goes when a newer revision has been there for its days; a running attempt's and the newest never", async () => {
  const one = await workflowOf('shops', 'r1')
  await workflowOf('shops', 'r2')
  const three = await workflowOf('shops', 'r3')
  await query(`update revisions set created_at = now() - interval '31 days'`)
  const running = await attempt(one, undefined)
  expect((await database.store.retention.due(keep({ archives: 30 }))).archives.rows).toBe(1)
  expect(await carryOut(keep({ archives: 30 }))).toEqual({ archives: 1, revisions: 1 })
  expect(await query('select name from revisions order by id')).toEqual([
    { name: 'r1' },
    { name: 'r3' },
  ])
  await database.store.attempts.finish(running, true)
  expect(await carryOut(keep({ archives: 30 }))).toEqual({ archives: 1 })
  expect((await database.store.workflows.find(one))?.archiveRemovedAt).toBeInstanceOf(Date)
  expect((await database.store.workflows.find(three))?.archiveRemovedAt).toBeNull()
  const { revisionId } = (await database.store.workflows.find(one))!
  expect(await database.store.projects.archiveOfRevision(revisionId)).toBeUndefined()
})

test('of a deleted project nothing is left in the end, not even its secrets', async () => {
  const shops = await workflowOf('shops')
  await attempt(shops, 31)
  const { projectId } = (await database.store.workflows.find(shops))!
  await database.store.secrets.set(projectId, 'pg.password', 'hunter2')
  await database.store.projects.delete(projectId)
  await query(`update projects set deleted_at = now() - interval '31 days'`)
  const policy = keep({ logs: 30, tasks: 30, usages: 30, attempts: 30, archives: 30 })
  await carryOut(policy)
  for (const table of ['projects', 'secrets', 'revisions', 'workflows', 'sessions']) {
    expect([table, await count(table)]).toEqual([table, 0])
  }
})

test('a week of logs goes by dropping its partition, and new files find a partition', async () => {
  const partitions = async (): Promise<readonly string[]> =>
    (
      await query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits
        where inhparent = 'log_chunks'::regclass order by inhrelid`,
      )
    ).map(({ name }) => name)
  const shops = await workflowOf('shops')
  const first = await attempt(shops, 31)
  const [file] = await database.store.logs.files(first)
  const standsIn = async (id: number): Promise<string> =>
    (
      await query<{ name: string }>(
        'select tableoid::regclass::text as name from log_chunks where file_id = $1',
        [id],
      )
    )[0]!.name
  const old = await standsIn(file!.id)
  expect(old).not.toBe('log_chunks_default')
  // The first file of its partition is more than a week old: the next one begins another.
  await query(`update log_files set created_at = now() - interval '8 days'`)
  await carryOut(keep())
  const second = await attempt(shops, 29)
  const [next] = await database.store.logs.files(second)
  expect(await standsIn(next!.id)).not.toBe(old)
  expect(await standsIn(next!.id)).not.toBe('log_chunks_default')

  expect(await partitions()).toContain(old)
  expect(await carryOut(keep({ logs: 30 }))).toEqual({
    'partitions of logs': 1,
    'logs of attempts': 1,
  })
  expect(await partitions()).not.toContain(old)
  expect(await database.store.logs.files(second)).toHaveLength(1)

  // Nobody has made partitions for long, and files have run ahead: they are kept all the same.
  await query(`select setval(pg_get_serial_sequence('log_files', 'id'), 77000000)`)
  const third = await attempt(shops, 29)
  const [stray] = await database.store.logs.files(third)
  expect(await standsIn(stray!.id)).toBe('log_chunks_default')
  await carryOut(keep())
  const fourth = await attempt(shops, 29)
  expect(await database.store.logs.files(fourth)).toHaveLength(1)
  await carryOut(keep({ logs: 20 }))
  expect(await count('log_files')).toBe(0)
})

test('what did not run goes with the attempts of its time, but for the last of a schedule', async () => {
  const { schedules } = await push(database.store, 'shops', 'r1', definition('daily', daily))
  const id: ScheduleId = schedules[0]!.id
  for (const days of [400, 200, 100]) {
    await query(
      `insert into skipped_sessions (schedule_id, from_session_time, until_session_time, reason, actor, created_at)
      select $1, t - interval '1 day', t, 'skipped', '{"kind": "user"}', t
      from (select now() - make_interval(days => $2) as t) t`,
      [id, days],
    )
  }
  expect(await carryOut(keep({ logs: 1, tasks: 1, usages: 1, attempts: 150 }))).toEqual({
    'skipped sessions': 2,
  })
  expect(await carryOut(keep({ logs: 1, tasks: 1, usages: 1, attempts: 50 }))).toEqual({})
})

test('whatever is there: what is due goes, all else stays, and the dry run had said so', async () => {
  const random = createRandom(chosenSeed())
  const whole = (from: number, to: number): number => random.whole(from, to)
  for (let round = 0; round < 6; round += 1) {
    await query(
      'truncate projects, revisions, workflows, schedules, sessions, attempts, tasks, usages, log_files cascade',
    )
    const days = (): KeptDays => {
      const [logs, attempts] = [whole(1, 20), whole(50, 60)]
      return { logs, tasks: whole(20, 50), usages: whole(1, 50), attempts, archives: whole(1, 60) }
    }
    const names = ['shops', 'payments', 'registers']
    const policy: RetentionPolicy = {
      default: days(),
      projects: Object.fromEntries(
        names.filter(() => random.chance(0.5)).map((name) => [name, days()]),
      ),
    }
    const facts: {
      id: AttemptId
      project: string
      ago: number | undefined
      resumes?: AttemptId
    }[] = []
    for (const project of names) {
      const workflow = await workflowOf(project)
      for (let at = whole(1, 12); at > 0; at -= 1) {
        const ago = random.chance(0.2) ? undefined : whole(0, 70)
        const before = facts.filter((fact) => fact.project === project && fact.ago !== undefined)
        const resumes = random.chance(0.3) ? before.at(-1)?.id : undefined
        const id = await attempt(workflow, ago, resumes)
        facts.push({ id, project, ago, ...(resumes === undefined ? {} : { resumes }) })
      }
    }
    const kept = (project: string): KeptDays => policy.projects[project] ?? policy.default
    const needed = new Set(
      facts.flatMap(({ ago, resumes }) =>
        ago === undefined && resumes !== undefined ? [resumes] : [],
      ),
    )
    const due = await database.store.retention.due(policy)
    const before = { logs: await count('log_files'), attempts: await count('attempts') }
    await Promise.all([carryOut(policy), carryOut(policy)])
    await carryOut(policy)
    const where = `seed ${random.seed}, round ${round}`
    for (const { id, project, ago, resumes: _ } of facts) {
      const goes = (kind: keyof KeptDays): boolean =>
        ago !== undefined && ago >= kept(project)[kind]
      const row = await database.store.attempts.find(id)
      const what = `${where}: attempt ${id} of ${project}, ${ago} days`
      const gone = row === undefined
      expect({ what, gone }).toEqual({ what, gone: goes('attempts') && !needed.has(id) })
      if (gone) continue
      const usages = (await database.store.usages.ofAttempt(id)).length
      const tasks = (await database.store.tasks.ofAttempt(id)).length
      const { logsRemovedAt, tasksRemovedAt } = row
      expect({
        what,
        usages,
        tasks,
        logs: logsRemovedAt === null,
        kept: tasksRemovedAt === null,
      }).toEqual({
        what,
        usages: goes('usages') ? 0 : 1,
        tasks: goes('tasks') && !needed.has(id) ? 0 : 2,
        logs: !goes('logs'),
        kept: !goes('tasks') || needed.has(id),
      })
    }
    const went = {
      logs: before.logs - (await count('log_files')),
      attempts: before.attempts - (await count('attempts')),
    }
    expect({ where, ...went }).toEqual({ where, logs: due.logs.rows, attempts: due.attempts.rows })
    const left = await database.store.retention.due(policy)
    for (const kind of retainedKinds)
      expect([where, kind, left[kind].rows]).toEqual([where, kind, 0])
  }
}, 120_000)
