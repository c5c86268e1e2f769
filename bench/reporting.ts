import { readFile } from 'node:fs/promises'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import { median } from './median.ts'

/** The load that docs/reporting.md speaks of: 200 attempts of 100 tasks a day. */
const days = 365
const workflows = 200
const rounds = 5

/** What the twelve questions of docs/reporting.md take on a year of the team's load. */
export async function reporting(
  print: (line: string) => void,
): Promise<readonly (readonly string[])[]> {
  const page = await readFile(new URL('../docs/reporting.md', import.meta.url), 'utf8')
  const questions = [...page.matchAll(/```sql\n(-- \d+\. ([^\n]+).+?)```/gs)]
  const database = await createTestDatabase()
  try {
    print(`Filling in ${days} days of ${workflows} attempts with 100 tasks …`)
    await fill(database)
    const rows = [['', 'ms']]
    for (const [, sql, title] of questions) {
      rows.push([title!, (await milliseconds(database, sql!)).toFixed(0)])
    }
    return rows
  } finally {
    await database.drop()
  }
}

async function milliseconds({ pool }: TestDatabase, sql: string): Promise<number> {
  const took: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now()
    await pool.query(sql)
    took.push(performance.now() - began)
  }
  return median(took)
}

/**
 * A task's number within its attempt says what it is: 0 the root, 1 to 3 groups in sequence, of which 3 is a `for_each>`
 * with its `^sub` (4), the rest leaves below them, half of them `bq>`, each fourth waiting for the one before it.
 */
async function fill({ pool }: TestDatabase): Promise<void> {
  const client = await pool.connect()
  try {
    // No foreign keys, and nobody is notified.
    await client.query('set session_replication_role = replica')
    await client.query(asked)
    for (let day = 0; day < days; day += 5) {
      await client.query(happened, [day * workflows, (day + 5) * workflows])
    }
    await client.query('vacuum analyze')
  } finally {
    client.release(true)
  }
}

const asked = `
  insert into projects (name) select 'project_' || n from generate_series(1, 4) n;
  insert into revisions (project_id, name, archive, archive_md5) select id, 'r1', '', 'md5' from projects;
  insert into workflows (revision_id, project_id, name, timezone, workflow_type, config, definition)
  select p.id, p.id, 'workflow_' || n, 'Asia/Tokyo', 'runAttempt', '{}', '{}'
  from projects p, generate_series(1, ${workflows / 4}) n;
  insert into schedules (project_id, workflow_name, workflow_id, definition, next_run_time, next_session_time)
  select project_id, name, id, '{"type": "daily", "command": "02:00:00", "timezone": "Asia/Tokyo"}',
    now() + interval '1 hour', now() from workflows;
  insert into sessions (project_id, workflow_name, session_time, created_at)
  select w.project_id, w.name, now() - make_interval(days => day), now() - make_interval(days => day, mins => 60)
  from generate_series(${days - 1}, 0, -1) day, workflows w order by day desc, w.id;
  insert into attempts (session_id, project_id, workflow_id, index, created_at, due_at, started_at, finished_at, success, actor, reason)
  select s.id, s.project_id, w.id, 1, s.created_at, s.created_at - interval '1 second', s.created_at + interval '1 second',
    s.created_at + make_interval(secs => 600 + s.id % 97 * 10), s.id % 33 <> 0,
    jsonb_build_object('kind', 'schedule', 'scheduleId', w.id), 'schedule'
  from sessions s join workflows w on w.project_id = s.project_id and w.name = s.workflow_name order by s.id;
`

const happened = `
  with t as (
    insert into tasks (id, attempt_id, parent_id, full_name, name, operator, upstreams, state, retries, error, error_code,
      started_at, finished_at)
    overriding system value
    select a.id * 100 + n, a.id, a.id * 100 + case when n = 0 then null when n < 4 then 0 when n = 4 then 3
        when n < 37 then 1 when n < 69 then 2 else 4 end,
      case when n = 0 then '+day' when n = 4 then '+day+task_3^sub' else '+day+task_' || n end,
      case when n = 0 then '+day' when n = 4 then '^sub' else '+task_' || n end,
      case when n in (0, 1, 2, 4) then null when n = 3 then 'for_each' when n % 2 = 0 then 'bq' else 'sh' end,
      case when n in (2, 3) or n > 4 and n % 4 = 0 then array[a.id * 100 + n - 1] else '{}' end,
      case when n = 99 and not a.success then 'error' else 'success' end, case when (a.id + n) % 53 = 0 then 1 else 0 end,
      case when n = 99 and not a.success then '{"message": "not found"}'::json end,
      case when n = 99 and not a.success then 'JOB' end,
      case when n not in (0, 1, 2, 4) then a.started_at + make_interval(secs => n) end,
      a.started_at + make_interval(secs => n + 10 + (a.id + n) % 90)
    from attempts a, generate_series(0, 99) n where a.id > $1 and a.id <= $2 order by 1
    returning id, attempt_id, operator, started_at, finished_at)
  insert into usages (attempt_id, task_id, retries, project, job, state, bytes_billed, started_at, ended_at)
  select attempt_id, id, 0, 'p', 'job_' || id, 'succeeded', 10485760, started_at, finished_at from t where operator = 'bq'`
