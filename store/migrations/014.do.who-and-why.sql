-- Who started an attempt, through what and why, and who killed it: workflows/domain/actor.ts has the shapes.
-- Null of what was started before, or by a process of the version before.
alter table attempts
  add column actor jsonb,
  add column reason text,
  add column canceled_by jsonb;

-- An actor as people read it.
create function reporting.actor_text(actor jsonb) returns text language sql immutable as $$
  select case actor ->> 'kind'
    when 'user' then coalesce(actor ->> 'name', actor ->> 'through', 'somebody')
    when 'schedule' then 'schedule ' || (actor ->> 'scheduleId')
    when 'task' then 'attempt ' || (actor ->> 'attemptId')
    when 'temporal' then 'somebody in Temporal'
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
  a.reason, reporting.actor_text(a.actor) as started_by, reporting.actor_text(a.canceled_by) as killed_by
from attempts a
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id
left join lateral (
  select sum(bytes_billed) as bytes_billed, sum(slot_ms) as slot_ms, sum(bytes_processed) as bytes_processed,
    count(*) filter (where state <> 'not_run') as jobs
  from usages where attempt_id = a.id
) u on true;
