import type { Pool } from 'pg'

/** A year of an instance that has been used for a while. */
export interface HistorySize {
  readonly attempts: number
  readonly tasksAnAttempt: number
}

const projects = 30
const workflowsAProject = 10
const revisions = 3
const chunk = 50_000

/**
 * Fills in attempts as schedules make them, spread over a year up to now, oldest first: one in a hundred failed, one in a
 * thousand was killed, half of the failures were tried again, the last two hundred run. A few were started by hand, backfilled
 * or required, and one workflow, `rare`, runs once in ten thousand.
 */
export async function fillHistory(pool: Pool, size: HistorySize): Promise<void> {
  await pool.query(
    `insert into projects (name) select 'project_' || n from generate_series(1, ${projects}) n;
    insert into revisions (project_id, name, archive, archive_md5)
      select p.id, 'r' || r, '\\x00', 'md5' from generate_series(1, ${revisions}) r, projects p where p.name like 'project_%' order by r, p.id;
    insert into workflows (revision_id, project_id, name, timezone, workflow_type, config, definition)
      select r.id, r.project_id, case when w = 0 then 'rare' else 'workflow_' || w end, 'Asia/Tokyo', 'runAttempt', '{}', '{}'
      from revisions r join projects p on p.id = r.project_id and p.name like 'project_%', generate_series(0, ${workflowsAProject}) w
      order by r.id, w;
    insert into schedules (project_id, workflow_name, workflow_id, in_line_as, definition, next_run_time, next_session_time)
      select project_id, name, max(id), 'not in Temporal',
        '{"type": "hourly", "command": "30:00", "timezone": "Asia/Tokyo", "delaySeconds": 0, "skipOnOvertime": false}',
        date_trunc('hour', now()) + interval '90 minutes', date_trunc('hour', now()) + interval '1 hour'
      from workflows where name like 'workflow_%' group by project_id, name;
    insert into skipped_sessions (schedule_id, from_session_time, until_session_time, reason, actor, created_at)
      select s.id, t, t + interval '1 hour', 'overtime', json_build_object('kind', 'schedule', 'scheduleId', s.id)::jsonb, t
      from schedules s, generate_series(now() - interval '365 days', now(), interval '3 days') t;`,
  )
  for (let first = 1; first <= size.attempts; first += chunk) {
    await fillChunk(pool, first, Math.min(first + chunk - 1, size.attempts), size)
  }
  await pool.query('vacuum analyze')
}

/** A number below `below`, of no pattern, and of another one for each `seed`. */
const random = (seed: number, below: number): string =>
  `abs(hashint8extended(n, ${seed}) % ${below})`

/** Foreign keys and who listens are of no concern here, and would take most of the time. */
async function fillChunk(
  pool: Pool,
  first: number,
  last: number,
  { attempts, tasksAnAttempt }: HistorySize,
): Promise<void> {
  const client = await pool.connect()
  try {
    // Of rows that are made here PostgreSQL has no statistics, and would look at all of them for each.
    await client.query('set session_replication_role = replica; set enable_nestloop = off')
    await client.query(chunkStatement, [first, last, attempts, tasksAnAttempt])
    await client.query('reset session_replication_role; reset enable_nestloop')
  } finally {
    client.release()
  }
}

const chunkStatement = `
  with numbered as (
    select n, now() - interval '365 days' * (1 - n / $3::float8) as time,
      case when ${random(1, 10_000)} = 0 then 'rare' else 'workflow_' || ${random(2, workflowsAProject)} + 1 end as name,
      'project_' || ${random(3, projects)} + 1 as project, least(floor(n * ${revisions} / $3::float8)::int, ${revisions - 1}) + 1 as revision,
      ${random(4, 1_000)} < 10 as failed, ${random(4, 1_000)} = 10 as killed, ${random(5, 2)} = 0 as mended, ${random(6, 100)} as why
    from generate_series($1::bigint, $2::bigint) n),
  wanted as (
    select m.*, w.id as workflow_id, w.project_id, n + 200 > $3 as open
    from numbered m
    join projects p on p.name = m.project
    join revisions r on r.project_id = p.id and r.name = 'r' || m.revision
    join workflows w on w.revision_id = r.id and w.name = m.name),
  s as (
    insert into sessions (project_id, workflow_name, session_time, created_at)
    select project_id, name, time, time from wanted order by n
    returning id, project_id, workflow_name, session_time),
  a as (
    insert into attempts (session_id, project_id, workflow_id, index, retry_attempt_name, started_at, finished_at, success,
      cancel_requested, params, actor, reason, created_at)
    select s.id, s.project_id, w.workflow_id, try, case try when 1 then '' else 'again' end,
      time + interval '1 second' * try,
      case when not open then time + interval '1 minute' * (try + n % 7) end,
      case when not open then try = 2 or not (failed or killed) end,
      killed, '{}', '{"kind": "user"}',
      case when try = 2 then 'retry' when why < 2 then 'start' when why = 2 then 'backfill' when why = 3 then 'require'
        else 'schedule' end,
      time
    from wanted w join s on s.project_id = w.project_id and s.workflow_name = w.name and s.session_time = w.time
    cross join generate_series(1, case when failed and mended and not open then 2 else 1 end) try
    order by n, try
    returning id, finished_at, success, created_at)
  insert into tasks (attempt_id, full_name, name, operator, config, state, version, started_at, finished_at, error, error_code, worker)
  select id, '+daily+task_' || t, '+task_' || t, 'sh', '{"sh>": "scripts/load.sh"}',
    case when finished_at is null and t = 1 then 'running' when t = 2 and not success then 'error' else 'success' end, 3,
    created_at, finished_at,
    case when t = 2 and not success then '{"message": "The command ended with exit code 1: no such table"}'::json end,
    case when t = 2 and not success then 'COMMAND' end,
    case when finished_at is null and t = 1 then gen_random_uuid() end
  from a cross join generate_series(1, $4::int) t order by id, t`
