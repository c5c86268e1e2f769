-- What people ask of runs in Metabase (docs/reporting.md): sessions, schedules and how late they were, days; and of
-- attempts and tasks more than there was. Descriptions of all views and columns are in the next migration.

-- When a session of a schedule was to run; null of an attempt that no schedule started in its turn, and of what was
-- started before there was this column.
alter table attempts add column due_at timestamptz;
-- How many sessions a row stands for; null where nobody has counted them.
alter table skipped_sessions add column sessions int;

create index attempts_due on attempts (due_at) where due_at is not null;
create index if not exists attempts_created on attempts (created_at);

-- The clock on the wall of a workflow. A zone that this PostgreSQL does not know counts as UTC: a view with one strange
-- workflow in it still answers. Offsets are turned round by PostgreSQL where they are written like a zone's name.
create function reporting.local_time(at timestamptz, zone text) returns timestamp
language plpgsql stable as $$
declare
  part constant text[] := regexp_match(zone, '^(?:UTC|GMT|UT)?([+-])(\d\d?)(?::?(\d\d))?');
begin
  if part is null then
    return at at time zone zone;
  end if;
  return at at time zone (part[1] || part[2] || ':' || coalesce(part[3], '00'))::interval;
exception when invalid_parameter_value then
  return at at time zone 'UTC';
end
$$;

-- An attempt's state in one word, as `reporting.attempts` has it.
create function reporting.attempt_status(success boolean, finished_at timestamptz, killed boolean)
returns text language sql immutable as $$
  select case
    when success then 'success'
    when finished_at is not null and killed then 'killed'
    when finished_at is not null then 'error'
    else 'running'
  end
$$;

create or replace view reporting.attempts as
select
  a.id as attempt_id, p.name as project, s.workflow_name as workflow, s.session_time, a.index,
  nullif(a.retry_attempt_name, '') as retry_attempt_name,
  case
    when a.success then 'success'
    when a.finished_at is not null and a.cancel_requested then 'killed'
    when a.finished_at is not null then 'error'
    else 'running'
  end as status,
  a.created_at, a.started_at, a.finished_at,
  extract(epoch from coalesce(a.finished_at, now()) - a.created_at) as seconds,
  u.bytes_billed, u.slot_ms, u.bytes_processed, u.jobs,
  a.reason, reporting.actor_text(a.actor) as started_by, reporting.actor_text(a.canceled_by) as killed_by,
  a.session_id, r.name as revision,
  (select string_agg(key, ', ') from json_object_keys(a.params) key) as parameter_names,
  (a.resume ->> 'attemptId')::bigint as resumed_from,
  a.due_at,
  extract(epoch from coalesce(a.started_at, case when a.finished_at is null then now() end) - a.created_at)
    as start_delay_seconds,
  case when a.tasks_removed_at is null then
    exists (select from tasks where attempt_id = a.id and name = '^sla')
  end as late,
  case when a.tasks_removed_at is null then (select count(*) from tasks where attempt_id = a.id) end as tasks,
  failed.full_name as failed_task, failed.error ->> 'message' as error, failed.error_code
from attempts a
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id
left join lateral (
  select sum(bytes_billed) as bytes_billed, sum(slot_ms) as slot_ms, sum(bytes_processed) as bytes_processed,
    count(*) filter (where state <> 'not_run') as jobs
  from usages where attempt_id = a.id
) u on true
left join workflows w on w.id = a.workflow_id
left join revisions r on r.id = w.revision_id
-- Of a name that a group's retry has run again, the last one counts; `planned`, with an error, is one whose `_error` runs,
-- `canceled`, with an error, the root of an attempt that was given up.
left join lateral (
  select coalesce(
    min(id) filter (where state = 'error' or state = 'planned' and has_error),
    min(id) filter (where state = 'canceled' and has_error)) as id
  from (
    select distinct on (full_name) id, state, error is not null as has_error
    from tasks where attempt_id = a.id and a.success is not true order by full_name, id desc
  ) latest
) first_failed on true
left join tasks failed on failed.id = first_failed.id;

create or replace view reporting.tasks as
select
  t.id as task_id, t.attempt_id, p.name as project, s.workflow_name as workflow, s.session_time,
  t.full_name, t.operator, t.state, t.retries, t.resumed, t.error ->> 'message' as error,
  u.bigquery_job, u.bytes_billed, u.slot_ms, u.cache_hit, t.started_at, t.finished_at,
  extract(epoch from coalesce(t.finished_at, now()) - t.started_at) as seconds,
  case
    when t.state = 'success' then 'success'
    when t.state = 'canceled' then 'killed'
    when t.state in ('error', 'group_error') then 'error'
    -- Never reached: the attempt ended before it.
    when a.finished_at is not null then null
    when t.started_at is not null then 'running'
    else 'waiting'
  end as status,
  u.bytes_processed, u.jobs, t.error_code,
  -- What hangs below a leaf is only what follows on it: `_check`, `_error`. `offset` keeps the planner from looking for all
  -- generated tasks there are, to answer for some.
  t.operator is not null and not exists (select from tasks where parent_id = t.id and name = '^sub' offset 0) as is_leaf,
  case when t.started_at is null or t.resumed then 0 else t.retries + 1 end as tries,
  case when t.operator is not null and not t.resumed and t.retries = 0
      and (t.started_at is not null or a.finished_at is null) then
    extract(epoch from coalesce(t.started_at, now()) - ready.at)
  end as queue_seconds,
  t.parent_id, nullif(left(t.full_name, -length(t.name)), '') as parent, t.name, t.round,
  a.created_at as attempt_created_at
from tasks t
join attempts a on a.id = t.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id
left join lateral (
  select sum(bytes_billed)::bigint as bytes_billed, sum(slot_ms)::bigint as slot_ms,
    sum(bytes_processed)::bigint as bytes_processed, count(*) as jobs,
    (array_agg(concat(project, ':', location, '.', job) order by id desc))[1] as bigquery_job,
    (array_agg(cache_hit order by id desc))[1] as cache_hit
  from usages where task_id = t.id and kind = 'bigquery' and state <> 'not_run'
) u on true
-- When nothing but a worker was missing: what the task waited for had succeeded, or what the first group above it that
-- waited for something waited for, or the attempt had begun. A later try waits for its own time, and what follows on a
-- task that ran (`^check`, `^error`, a group's next round) begins at a time that no row has. An aggregate, so that nothing
-- is done for it where nobody asks.
left join lateral (
  with recursive up as (
    select t.parent_id, t.upstreams, t.name, t.round, null::text as operator, null::timestamptz as began
    union all
    select g.parent_id, g.upstreams, g.name, g.round, g.operator, case when g.retries = 0 then g.started_at end
    from up join tasks g on g.id = up.parent_id
    where up.upstreams = '{}' and up.round = 0 and up.operator is null
      and (up.name = '^sub' and g.operator is not null or up.name not like '^%' and g.operator is null)
  )
  select max(case
    -- What only steers has its tasks as soon as it begins.
    when top.operator in ('if', 'for_each', 'for_range', 'loop', 'call') then top.began
    when top.operator is not null or top.round > 0 then null
    when top.upstreams <> '{}' then (
      select case when bool_and(b.state = 'success' or t.started_at is not null)
        then greatest(max(b.finished_at), a.started_at) end
      from tasks b where b.id = any(top.upstreams))
    when top.parent_id is null then a.started_at
  end) as at
  from (select * from up order by parent_id nulls first limit 1) top
) ready on true;

create view reporting.sessions as
select
  s.id as session_id, p.name as project, s.workflow_name as workflow, s.session_time,
  reporting.local_time(s.session_time, w.timezone)::date as session_date, w.timezone,
  reporting.attempt_status(l.success, l.finished_at, l.cancel_requested) as status,
  every.attempts, every.first_started_at, l.finished_at,
  extract(epoch from every.succeeded_at - every.first_started_at) as seconds_to_success,
  l.id as last_attempt_id, l.reason, reporting.actor_text(l.actor) as started_by
from sessions s
join projects p on p.id = s.project_id
join lateral (select * from attempts where session_id = s.id order by index desc limit 1) l on true
join workflows w on w.id = l.workflow_id
left join lateral (
  select count(*) as attempts, min(started_at) as first_started_at,
    min(finished_at) filter (where success) as succeeded_at
  from attempts where session_id = s.id
) every on true;

-- What each schedule decided: a row for each session that it started, and for sessions in a row that it passed.
create view reporting.schedule_runs as
select
  (a.actor ->> 'scheduleId')::bigint as schedule_id, p.name as project, s.workflow_name as workflow,
  'started' as outcome, s.session_time, null::timestamptz as until_session_time, 1 as sessions,
  a.due_at, a.created_at as decided_at, a.started_at,
  extract(epoch from coalesce(a.started_at, case when a.finished_at is null then now() end) - a.due_at)
    as delay_seconds,
  a.id as attempt_id, reporting.attempt_status(a.success, a.finished_at, a.cancel_requested) as status,
  null::text as skipped_by
from attempts a
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id
where a.reason = 'schedule'
union all
select
  k.schedule_id, p.name, s.workflow_name, k.reason, k.from_session_time, k.until_session_time, k.sessions,
  null, k.created_at, null, null, null, null, reporting.actor_text(k.actor)
from skipped_sessions k
join schedules s on s.id = k.schedule_id
join projects p on p.id = s.project_id;

-- One row for each schedule in force, with its last day and week. Sessions that were passed on somebody's wish (`skipped`,
-- `push`) are not missed.
create view reporting.schedules as
with recent as (
  select
    schedule_id, outcome, coalesce(sessions, 1) as sessions, delay_seconds,
    coalesce(due_at, until_session_time) > now() - interval '1 day' as of_day
  from reporting.schedule_runs
  where due_at > now() - interval '7 days'
    or until_session_time > now() - interval '7 days' and session_time <= now()
), sums as (
  select
    schedule_id,
    coalesce(sum(sessions) filter (where of_day), 0) as expected_day,
    count(*) filter (where of_day and outcome = 'started') as started_day,
    coalesce(sum(sessions) filter (where of_day and outcome in ('missed', 'delayed', 'overtime')), 0) as missed_day,
    avg(delay_seconds) filter (where of_day) as mean_delay_day,
    max(delay_seconds) filter (where of_day) as worst_delay_day,
    sum(sessions) as expected_week,
    count(*) filter (where outcome = 'started') as started_week,
    coalesce(sum(sessions) filter (where outcome in ('missed', 'delayed', 'overtime')), 0) as missed_week,
    avg(delay_seconds) as mean_delay_week,
    max(delay_seconds) as worst_delay_week
  from recent group by schedule_id
)
select
  k.id as schedule_id, p.name as project, k.workflow_name as workflow, k.definition ->> 'timezone' as timezone,
  k.definition ->> 'type' as kind, k.definition ->> 'command' as command,
  concat(k.definition ->> 'type', '> ', k.definition ->> 'command') as schedule,
  k.disabled_at is null as enabled, k.disabled_at,
  -- A schedule that has come to its end is next in a far future.
  case when k.next_run_time < '9000-01-01' then k.next_session_time end as next_session_time,
  case when k.next_run_time < '9000-01-01' then k.next_run_time end as next_run_time,
  case when k.disabled_at is null and k.next_run_time < now() then extract(epoch from now() - k.next_run_time) end
    as overdue_seconds,
  k.last_session_time, l.id as last_attempt_id,
  case when l.id is not null then reporting.attempt_status(l.success, l.finished_at, l.cancel_requested) end
    as last_status,
  l.finished_at as last_finished_at,
  coalesce(r.expected_day, 0)::bigint as expected_day, coalesce(r.started_day, 0) as started_day,
  coalesce(r.missed_day, 0)::bigint as missed_day, r.mean_delay_day, r.worst_delay_day,
  coalesce(r.expected_week, 0)::bigint as expected_week, coalesce(r.started_week, 0) as started_week,
  coalesce(r.missed_week, 0)::bigint as missed_week, r.mean_delay_week, r.worst_delay_week
from schedules k
join projects p on p.id = k.project_id
left join sums r on r.schedule_id = k.id
left join lateral (
  select a.* from sessions s join attempts a on a.session_id = s.id
  where s.project_id = k.project_id and s.workflow_name = k.workflow_name and s.session_time = k.last_session_time
  order by a.index desc limit 1
) l on true
where k.deleted_at is null;

-- Days are those of the workflow's own time zone on which its attempts were asked for.
create view reporting.daily_attempts as
select
  p.name as project, s.workflow_name as workflow, reporting.local_time(a.created_at, w.timezone)::date as day,
  count(*) as attempts,
  count(*) filter (where a.success) as success,
  count(*) filter (where not a.success and not a.cancel_requested) as error,
  count(*) filter (where not a.success and a.cancel_requested) as killed,
  count(*) filter (where a.finished_at is null) as running,
  percentile_cont(0.5) within group (order by extract(epoch from a.finished_at - a.created_at)) as p50_seconds,
  percentile_cont(0.95) within group (order by extract(epoch from a.finished_at - a.created_at)) as p95_seconds,
  sum(u.bytes_billed)::bigint as bytes_billed
from attempts a
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id
join workflows w on w.id = a.workflow_id
left join lateral (select sum(bytes_billed) as bytes_billed from usages where attempt_id = a.id) u on true
group by 1, 2, 3;

-- Leaves that ran, by operator; a task belongs to the day of its attempt. The days are found out first, once for each
-- attempt and not for each of its tasks.
create view reporting.daily_tasks as
with days as materialized (
  select
    a.id as attempt_id, p.name as project, s.workflow_name as workflow,
    reporting.local_time(a.created_at, w.timezone)::date as day
  from attempts a
  join sessions s on s.id = a.session_id
  join projects p on p.id = a.project_id
  join workflows w on w.id = a.workflow_id
)
select
  d.project, d.workflow, d.day, t.operator,
  count(*) as tasks,
  count(*) filter (where t.state = 'success') as success,
  count(*) filter (where t.state in ('error', 'group_error')) as error,
  count(*) filter (where t.state = 'canceled') as killed,
  sum(t.retries + 1) as tries,
  percentile_cont(0.5) within group (order by extract(epoch from t.finished_at - t.started_at)) as p50_seconds,
  percentile_cont(0.95) within group (order by extract(epoch from t.finished_at - t.started_at)) as p95_seconds
from days d
join tasks t on t.attempt_id = d.attempt_id
where t.operator is not null and t.started_at is not null and not t.resumed
  and not exists (select from tasks c where c.parent_id = t.id and c.name = '^sub' offset 0)
group by 1, 2, 3, 4;

create or replace view reporting.skipped_sessions as
select
  k.id as skipped_id, p.name as project, s.workflow_name as workflow, s.id as schedule_id,
  k.from_session_time, k.until_session_time, k.reason, reporting.actor_text(k.actor) as skipped_by,
  k.created_at as skipped_at, k.sessions
from skipped_sessions k
join schedules s on s.id = k.schedule_id
join projects p on p.id = s.project_id;
