-- Why a task failed, in a word of the closed list in workflows/domain/task-error.ts; null where it did not, and of what
-- the version before wrote.
alter table tasks add column error_code text;

-- Sums over all jobs of the task, failed ones and those of earlier tries among them; `bigquery_job` and `cache_hit` are
-- of the last one.
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
  u.bytes_processed, u.jobs, t.error_code
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
) u on true;
