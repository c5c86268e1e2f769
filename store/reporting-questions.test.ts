import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.pool.query(rows)
})
afterAll(() => database.drop())

/** Of docs/reporting.md, each with the number of its question, if it is one. */
const page = await readFile(new URL('../docs/reporting.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/```sql\n(.+?)```/gs)].map(([, sql]) => sql!)
const questions = new Map(
  blocks.flatMap((sql) => {
    const number = /^-- (\d+)\. /.exec(sql)?.[1]
    return number === undefined ? [] : [[Number(number), sql] as const]
  }),
)

/** As a row of Metabase's table shows it: numbers as numbers. */
async function answer(question: number): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await database.pool.query<Record<string, unknown>>(questions.get(question)!)
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
      ]),
    ),
  )
}

/**
 * Attempts of an hour: 1 went well five minutes late, 2 failed, 3 is its retry, 4 runs, 5 was killed; 6 went well three
 * weeks ago, and faster. `ago(60)` is an hour ago.
 */
const rows = `
  create function pg_temp.ago(minutes float8) returns timestamptz language sql as
    $$ select now() - make_interval(secs => minutes * 60) $$;
  insert into projects (name) values ('shops');
  insert into revisions (project_id, name, archive, archive_md5) values (1, 'r7', '', 'md5');
  insert into secrets (project_id, key, value) values (1, 'password', '\\x00');
  insert into workflows (revision_id, project_id, name, timezone, workflow_type, config, definition) values
    (1, 1, 'daily', 'Asia/Tokyo', 'runAttempt', '{}', '{}'), (1, 1, 'offset', '+09:00', 'runAttempt', '{}', '{}'),
    (1, 1, 'strange', 'Mars/Olympus_Mons', 'runAttempt', '{}', '{}');
  insert into schedules (project_id, workflow_name, workflow_id, definition, next_run_time, next_session_time, last_session_time)
  values (1, 'daily', 1, '{"type": "daily", "command": "07:00:00", "timezone": "Asia/Tokyo"}',
    pg_temp.ago(-600), pg_temp.ago(-180), date_trunc('day', now()));
  insert into skipped_sessions (schedule_id, from_session_time, until_session_time, reason, actor, sessions)
  values (1, pg_temp.ago(4000), pg_temp.ago(3000), 'missed', '{"kind": "schedule", "scheduleId": 1}', 3),
    (1, pg_temp.ago(3000), pg_temp.ago(2000), 'skipped', '{"kind": "user", "name": "aki"}', 2);
  insert into sessions (project_id, workflow_name, session_time) values
    (1, 'daily', date_trunc('day', now())), (1, 'daily', pg_temp.ago(50)), (1, 'daily', pg_temp.ago(5)),
    (1, 'daily', pg_temp.ago(30)), (1, 'daily', pg_temp.ago(30000)),
    (1, 'offset', '2001-01-05T15:30:00Z'), (1, 'strange', '2001-01-05T15:30:00Z');
  insert into attempts (session_id, project_id, workflow_id, index, retry_attempt_name, params, resume, reason, actor,
    canceled_by, cancel_requested, due_at, created_at, started_at, finished_at, success)
  values
    (1, 1, 1, 1, '', '{}', null, 'schedule', '{"kind": "schedule", "scheduleId": 1}', null, false,
      pg_temp.ago(65), pg_temp.ago(60), pg_temp.ago(60), pg_temp.ago(30), true),
    (2, 1, 1, 1, '', '{"target": "hidden", "shop": 7}', null, 'start', '{"kind": "user", "name": "aki"}', null, false,
      null, pg_temp.ago(50), pg_temp.ago(50), pg_temp.ago(40), false),
    (2, 1, 1, 2, 'again', '{}', '{"mode": "failed", "attemptId": 2}', 'retry', '{"kind": "user", "through": "digdag"}',
      null, false, null, pg_temp.ago(35), pg_temp.ago(34), pg_temp.ago(20), true),
    (3, 1, 1, 1, '', '{}', null, 'require', '{"kind": "task", "attemptId": 1}', null, false,
      null, pg_temp.ago(5), pg_temp.ago(5), null, null),
    (4, 1, 1, 1, '', '{}', null, 'schedule', '{"kind": "schedule", "scheduleId": 1}', '{"kind": "user", "name": "ben"}', true,
      null, pg_temp.ago(30), pg_temp.ago(30), pg_temp.ago(25), false),
    (5, 1, 1, 1, '', '{}', null, 'schedule', '{"kind": "schedule", "scheduleId": 1}', null, false,
      null, pg_temp.ago(30000), pg_temp.ago(30000), pg_temp.ago(29999), true),
    (6, 1, 2, 1, '', '{}', null, 'start', '{"kind": "user"}', null, false, null, '2001-01-06', '2001-01-06', '2001-01-06', true),
    (7, 1, 3, 1, '', '{}', null, 'start', '{"kind": "user"}', null, false, null, '2001-01-06', '2001-01-06', '2001-01-06', true);
  insert into tasks (attempt_id, parent_id, full_name, name, operator, upstreams, state, retries, round, error, error_code, started_at, finished_at)
  values
    (1, null, '+daily', '+daily', null, '{}', 'success', 0, 0, null, null, null, pg_temp.ago(30)),
    (1, 1, '+daily+load', '+load', null, '{}', 'success', 0, 0, null, null, null, pg_temp.ago(46)),
    (1, 2, '+daily+load+a', '+a', 'bq', '{}', 'success', 1, 0, null, null, pg_temp.ago(58), pg_temp.ago(48)),
    (1, 2, '+daily+load+b', '+b', 'sh', '{3}', 'success', 0, 0, null, null, pg_temp.ago(47), pg_temp.ago(46)),
    (1, 2, '+daily+load+c', '+c', 'bq', '{}', 'success', 0, 0, null, null, pg_temp.ago(59.5), pg_temp.ago(59)),
    (1, 1, '+daily+each', '+each', 'for_each', '{2}', 'success', 0, 0, null, null, pg_temp.ago(45), pg_temp.ago(30)),
    (1, 6, '+daily+each^sub', '^sub', null, '{}', 'success', 0, 0, null, null, null, pg_temp.ago(30)),
    (1, 7, '+daily+each^sub+x', '+x', 'sh', '{}', 'success', 0, 0, null, null, pg_temp.ago(44), pg_temp.ago(31)),
    (2, null, '+daily', '+daily', null, '{}', 'group_error', 0, 0, null, null, null, pg_temp.ago(40)),
    (2, 9, '+daily+a', '+a', 'bq', '{}', 'error', 0, 0, '{"message": "mended by the next round"}', 'JOB', pg_temp.ago(50), pg_temp.ago(49)),
    (2, 9, '+daily+b', '+b', 'sh', '{}', 'error', 0, 0, '{"message": "disk full"}', 'COMMAND', pg_temp.ago(50), pg_temp.ago(48)),
    (2, 9, '+daily+a', '+a', 'bq', '{}', 'success', 0, 1, null, null, pg_temp.ago(45), pg_temp.ago(44)),
    (2, 11, '+daily+b^error', '^error', 'echo', '{}', 'success', 0, 0, null, null, pg_temp.ago(42), pg_temp.ago(41)),
    (4, null, '+daily', '+daily', null, '{}', 'planned', 0, 0, null, null, null, null),
    (4, 14, '+daily+a', '+a', 'sh', '{}', 'success', 0, 0, null, null, pg_temp.ago(5), pg_temp.ago(3)),
    (4, 14, '+daily+b', '+b', 'bq', '{15}', 'blocked', 0, 0, null, null, null, null),
    (4, 14, '+daily+c', '+c', 'bq', '{16}', 'blocked', 0, 0, null, null, null, null),
    (4, 14, '+daily+d', '+d', 'py', '{}', 'running', 0, 0, null, null, pg_temp.ago(4), null),
    (4, 14, '^sla', '^sla', null, '{}', 'planned', 0, 0, null, null, null, null);
  insert into usages (attempt_id, task_id, retries, project, job, state, bytes_billed, started_at, ended_at)
  values (1, 3, 0, 'p', 'j1', 'failed', 2^40, pg_temp.ago(58), pg_temp.ago(53)),
    (1, 3, 1, 'p', 'j2', 'succeeded', 2^39, pg_temp.ago(53), pg_temp.ago(48));
`

test('the twelve questions of docs/reporting.md run', async () => {
  expect([...questions.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  const answers = new Map<number, Awaited<ReturnType<typeof answer>>>()
  for (const number of questions.keys()) answers.set(number, await answer(number))

  expect(answers.get(1)).toEqual([
    {
      ...{ project: 'shops', runs: 4, success: 2, failed: 0, killed: 1, still_running: 1 },
      not_well: 'daily',
    },
  ])
  expect(answers.get(2)).toMatchObject([
    { attempt_id: 2, failed_task: '+daily+b', error_code: 'COMMAND', error: 'disk full' },
  ])
  expect(answers.get(3)).toMatchObject([
    { attempt_id: 4, minutes: 5, started_by: 'attempt 1', running_tasks: '+daily+d' },
  ])
  // Neither the root, nor the group, nor the loop, which lasted longer.
  expect(answers.get(4)?.slice(0, 2)).toMatchObject([
    { full_name: '+daily+each^sub+x', operator: 'sh', minutes: 13 },
    { full_name: '+daily+load+a', operator: 'bq', minutes: 10 },
  ])
  expect(answers.get(5)).toMatchObject([
    { workflow: 'daily', seconds_before: 60, seconds_this_week: 1350, times: 22.5 },
  ])
  expect(answers.get(6)).toMatchObject([
    { workflow: 'daily', attempts: 6, jobs: 2, tib_billed: 1.5, gib_each: 256 },
  ])
  expect(answers.get(7)).toMatchObject([{ full_name: '+daily+load+a', retried: 1, most_tries: 2 }])
  expect(answers.get(8)).toMatchObject([
    {
      ...{ schedule: 'daily> 07:00:00', enabled: true, mean_delay: 300, worst_delay: 300 },
      ...{ expected_week: 6, started_week: 1, missed_week: 3, overdue: null },
    },
  ])
  const waits = new Map(answers.get(9)?.map((row) => [row['operator'], row]))
  expect(waits.get('for_each')).toMatchObject({ tasks: 1, mean_seconds: 60, waiting_now: 0 })
  expect(waits.get('bq')).toMatchObject({ waiting_now: 1 })
  expect(answers.get(10)).toMatchObject([
    { attempt_id: 5, reason: 'schedule', killed_by: 'ben', status: 'killed' },
    { attempt_id: 3, reason: 'retry', started_by: 'digdag', killed_by: null },
    { attempt_id: 2, reason: 'start', started_by: 'aki', parameter_names: 'target, shop' },
  ])
  expect(answers.get(11)).toMatchObject([
    { attempts: 2, status: 'success', minutes_to_success: 30, last_attempt_id: 3 },
  ])
  const days = answers.get(12) ?? []
  const sum = (name: string) => days.reduce((total, row) => total + Number(row[name]), 0)
  expect([sum('attempts'), sum('success')]).toEqual([6, 3])
})

test('a task waits for a worker from when it was ready, where a row says when that was', async () => {
  const { rows } = await database.pool.query(
    `select task_id, is_leaf, tries, round(queue_seconds)::int as queue, parent
    from reporting.tasks where attempt_id in (1, 2, 4) and operator is not null order by task_id`,
  )
  const task = (task_id: number, queue: number | null, more: object = {}) =>
    expect.objectContaining({ task_id, queue, is_leaf: true, tries: 1, ...more })
  expect(rows).toEqual([
    // A second try waited for its own time.
    task(3, null, { tries: 2, parent: '+daily+load' }),
    task(4, 60),
    // Nothing before it, nor before the groups above it.
    task(5, 30),
    task(6, 60, { is_leaf: false, parent: '+daily' }),
    // The loop had it ready as it began.
    task(8, 60),
    task(10, 0),
    // What follows on its failure hangs below it.
    task(11, 0),
    // Of a group's second round.
    task(12, null),
    task(13, null, { parent: '+daily+b' }),
    task(15, 0),
    task(16, 180, { tries: 0 }),
    // What it waits for has not ended.
    task(17, null, { tries: 0 }),
    task(18, 60),
  ])
})

test('attempts name their revision, the attempt they resume, and whether they are late', async () => {
  const { rows } = await database.pool.query(
    `select attempt_id as id, revision, resumed_from, late, tasks, failed_task,
      round(start_delay_seconds)::int as delay
    from reporting.attempts where attempt_id < 5 order by 1`,
  )
  const one = { revision: 'r7', resumed_from: null, late: false, failed_task: null, delay: 0 }
  expect(rows).toEqual([
    { ...one, id: 1, tasks: 8 },
    { ...one, id: 2, tasks: 5, failed_task: '+daily+b' },
    { ...one, id: 3, tasks: 0, resumed_from: 2, delay: 60 },
    { ...one, id: 4, tasks: 6, late: true },
  ])
})

test("a session's date is that of its workflow's zone, of UTC where PostgreSQL does not know the zone", async () => {
  const { rows } = await database.pool.query(
    `select workflow, session_date::text from reporting.sessions where workflow <> 'daily' order by 1`,
  )
  expect(rows).toEqual([
    { workflow: 'offset', session_date: '2001-01-06' },
    { workflow: 'strange', session_date: '2001-01-05' },
  ])
})

test('the days of tasks hold leaves only', async () => {
  const { rows } = await database.pool.query(
    `select operator, sum(tasks)::int as tasks, sum(error)::int as error, sum(tries)::int as tries
    from reporting.daily_tasks group by 1 order by 1`,
  )
  expect(rows).toEqual([
    { operator: 'bq', tasks: 4, error: 1, tries: 5 },
    { operator: 'echo', tasks: 1, error: 0, tries: 1 },
    { operator: 'py', tasks: 1, error: 0, tries: 1 },
    { operator: 'sh', tasks: 4, error: 1, tries: 4 },
  ])
})

const viewsOf = async (pool: pg.Pool): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relkind in ('v', 'm') and relnamespace = 'reporting'::regnamespace`,
  )
  return rows.map(({ name }) => name)
}

test('every view and column of reporting has a description, which Metabase shows', async () => {
  const { rows } = await database.pool.query(
    `select c.relname as view, a.attname as column
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relnamespace = 'reporting'::regnamespace and c.relkind = 'v'
      and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)`,
  )
  expect(rows).toEqual([])
  expect((await viewsOf(database.pool)).length).toBeGreaterThan(7)
})

test('a user made as docs/reporting.md says reads all views, no table, and writes nothing', async () => {
  const user = `metabase_${new URL(database.url).pathname.slice(1)}`
  const [making] = blocks
  await database.pool.query(making!.replaceAll('metabase', user))
  const url = new URL(database.url)
  url.username = user
  url.password = 'choose one'
  const pool = new pg.Pool({ connectionString: url.href, max: 1 })
  try {
    for (const view of await viewsOf(database.pool)) {
      await pool.query(`select * from reporting.${view} limit 5`)
    }
    for (const sql of questions.values()) await pool.query(sql)
    const shown = await pool.query('select to_json(a) as row from reporting.attempts a')
    expect(JSON.stringify(shown.rows)).not.toContain('hidden')
    const tables = await database.pool.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
      where relkind in ('r', 'p', 'v') and relnamespace = 'public'::regnamespace`,
    )
    expect(tables.rows.length).toBeGreaterThan(15)
    for (const { name } of tables.rows) {
      await expect(pool.query(`select from ${name}`)).rejects.toThrow(/permission denied/)
    }
    await expect(pool.query('create table reporting.mine ()')).rejects.toThrow(/read-only/)
    await pool.query('set default_transaction_read_only = off')
    await expect(pool.query('create table reporting.mine ()')).rejects.toThrow(/permission denied/)
    await expect(pool.query('delete from reporting.skipped_sessions')).rejects.toThrow(
      /permission denied|cannot delete/,
    )
  } finally {
    await pool.end()
    await database.pool.query(`drop role ${user}`)
  }
})

test('a view to come is read by the same role', async () => {
  await database.pool.query('create view reporting.later as select 1 as one')
  const { rows } = await database.pool.query(
    "select has_table_privilege('suiro_reporting', 'reporting.later', 'select') as may",
  )
  await database.pool.query('drop view reporting.later')
  expect(rows).toEqual([{ may: true }])
})
