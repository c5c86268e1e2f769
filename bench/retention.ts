import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import { forever, type KeptDays, type RetainedKind } from '#store/retention/policy.ts'

/** The load that docs/retention.md speaks of. */
const attemptsADay = 200
const tasksAnAttempt = 100
/** Days that are filled in; a year is so many times as much. */
const days = 30

const tables: readonly (readonly [what: string, like: string])[] = [
  ['attempts and sessions', '(attempts|sessions)'],
  ['tasks', '(tasks|merged_params|worker_deaths)'],
  ['logs', 'log_(files|chunks%)'],
  ['usages', 'usages'],
]

/**
 * What the team's load weighs in PostgreSQL, and how long it takes to take a day of it away: rows as tasks of `bq>` and
 * `sh>` leave them, with two kilobytes of log each.
 */
export async function retention(
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  print(`Filling in ${days} days of ${attemptsADay} attempts with ${tasksAnAttempt} tasks …`)
  const database = await createTestDatabase()
  try {
    await fill(database)
    const megabytes = await sizes(database)
    print('Taking a part of it away …')
    const took = {
      logs: await removing(database, { logs: days }),
      tasks: await removing(database, { logs: days, tasks: days }),
    }
    const year = (perDay: number): string => ((perDay * 365) / 1024).toFixed(1)
    return [
      ['', 'MiB a day', 'GiB a year', 'a day goes in, s'],
      ...tables.map(([what]) => {
        const perDay = (megabytes.get(what) ?? 0) / days
        const seconds = what === 'logs' ? took.logs : what === 'tasks' ? took.tasks : undefined
        return [what, perDay.toFixed(1), year(perDay), seconds?.toFixed(1) ?? '']
      }),
    ]
  } finally {
    await database.drop()
  }
}

async function fill({ pool }: TestDatabase): Promise<void> {
  await pool.query(`
    insert into projects (name) values ('shops');
    insert into revisions (project_id, name, archive, archive_md5) values (1, 'r1', '\\x00', 'md5');
    insert into workflows (revision_id, project_id, name, timezone, workflow_type, config, definition)
      values (1, 1, 'daily', 'Asia/Tokyo', 'runAttempt', '{}', '{}');`)
  for (let day = days; day > 0; day -= 1) {
    await pool.query(
      `with s as (
        insert into sessions (project_id, workflow_name, session_time)
        select 1, 'daily', now() - make_interval(days => $1::int, secs => n) from generate_series(1, $2::int) n
        returning id),
      a as (
        insert into attempts (session_id, project_id, workflow_id, index, started_at, finished_at, success, params, actor, reason)
        select id, 1, 1, 1, now(), now() - make_interval(days => $1::int), true, '{"last_session_time": "2026-01-04T00:00:00+09:00"}',
          '{"kind": "schedule", "scheduleId": 1}', 'schedule' from s
        returning id),
      t as (
        insert into tasks (attempt_id, full_name, name, operator, config, exports, state, version, outcome, started_at, finished_at)
        select a.id, '+daily+load+table_' || n, '+table_' || n, case when n % 2 = 0 then 'bq' else 'sh' end,
          json_build_object('bq>', 'queries/table_' || n || '.sql', 'destination_table', 'dwh.table_' || n, 'write_disposition', 'WRITE_TRUNCATE'),
          '{"target": "dwh"}', 'success', 3, '{"kind": "done", "stored": false, "exported": false, "subtasks": null, "retries": 0, "polls": 0}',
          now(), now()
        from a, generate_series(1, $3::int) n
        returning id, attempt_id, full_name, operator),
      f as (
        insert into log_files (attempt_id, task_id, full_name, agent)
        select attempt_id, id, full_name, '4711@worker-0' from t returning id),
      u as (
        insert into usages (attempt_id, task_id, retries, project, location, job, state, bytes_billed, slot_ms)
        select attempt_id, id, 0, 'shop-analytics', 'asia-northeast1', 'suiro_shops_daily_' || id, 'succeeded', 10485760, 1234
        from t where operator = 'bq')
      insert into log_chunks (file_id, seq, start, text)
      select id, 0, 0, (select string_agg('2026-01-05 00:00:00.000 +0900 [INFO] ' || md5(id::text || l) || md5(l::text), chr(10)) from generate_series(1, 20) l)
      from f`,
      [day, attemptsADay, tasksAnAttempt],
    )
  }
  await pool.query('vacuum analyze')
}

async function sizes({ pool }: TestDatabase): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const [what, like] of tables) {
    const { rows } = await pool.query<{ bytes: number }>(
      `select sum(pg_total_relation_size(oid))::float8 as bytes from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname similar to $1`,
      [like],
    )
    found.set(what, (rows[0]?.bytes ?? 0) / 2 ** 20)
  }
  return found
}

/** Seconds for a day's worth, of what is older than the policy keeps. */
async function removing(
  { store }: TestDatabase,
  kept: Partial<Record<RetainedKind, number>>,
): Promise<number> {
  const all: KeptDays = {
    logs: forever,
    tasks: forever,
    attempts: forever,
    usages: forever,
    archives: forever,
  }
  const began = performance.now()
  for await (const _ of store.retention.steps({ default: { ...all, ...kept }, projects: {} }));
  return (performance.now() - began) / 1000
}
