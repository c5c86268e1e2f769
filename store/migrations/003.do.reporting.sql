-- Views for plain SQL and Metabase: words as the console shows them, times as intervals in seconds.
create schema reporting;

create view reporting.attempts as
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
  t.bytes_billed, t.slot_ms
from attempts a
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id
left join lateral (
  select sum(bytes_billed) as bytes_billed, sum(slot_ms) as slot_ms
  from tasks where attempt_id = a.id
) t on true;

create view reporting.tasks as
select
  t.id as task_id, t.attempt_id, p.name as project, s.workflow_name as workflow, s.session_time,
  t.full_name, t.operator, t.state, t.retries, t.resumed, t.error ->> 'message' as error,
  t.bigquery_job, t.bytes_billed, t.slot_ms, t.cache_hit, t.started_at, t.finished_at,
  extract(epoch from coalesce(t.finished_at, now()) - t.started_at) as seconds
from tasks t
join attempts a on a.id = t.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id;
