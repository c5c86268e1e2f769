-- A task's state in the words of `reporting.attempts`; the state itself stays beside it.
create or replace view reporting.tasks as
select
  t.id as task_id, t.attempt_id, p.name as project, s.workflow_name as workflow, s.session_time,
  t.full_name, t.operator, t.state, t.retries, t.resumed, t.error ->> 'message' as error,
  t.bigquery_job, t.bytes_billed, t.slot_ms, t.cache_hit, t.started_at, t.finished_at,
  extract(epoch from coalesce(t.finished_at, now()) - t.started_at) as seconds,
  case
    when t.state = 'success' then 'success'
    when t.state = 'canceled' then 'killed'
    when t.state in ('error', 'group_error') then 'error'
    -- Never reached: the attempt ended before it.
    when a.finished_at is not null then null
    when t.started_at is not null then 'running'
    else 'waiting'
  end as status
from tasks t
join attempts a on a.id = t.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id;
