-- The tries of a task that came before the one that its row tells of: a row here for each, written when the next one
-- begins. So a task that is never retried costs nothing. Of what the version before ran there are none.
create table task_tries (
  -- The version before takes tasks away and does not know this table.
  task_id bigint not null references tasks on delete cascade,
  -- 0 is the first.
  retries int not null,
  -- `group_error`: the operator did its work, and what hung on it (generated tasks, _check) failed.
  state text not null check (state in ('error', 'group_error')),
  started_at timestamptz not null,
  ended_at timestamptz not null,
  error json,
  error_code text,
  primary key (task_id, retries)
);

-- Every try of every task that an attempt ran itself, the last one among them; not of groups, which run nothing. Each half
-- is joined by itself, so that a condition on the session's time finds its way to the tasks by their attempts.
create view reporting.tries as
select
  p.name as project, s.workflow_name as workflow, s.session_time, t.attempt_id, t.id as task_id, t.full_name as task,
  t.operator, e.retries + 1 as try, 'error' as status, e.error ->> 'message' as error, e.error_code, e.started_at,
  e.ended_at, extract(epoch from e.ended_at - e.started_at) as seconds
from task_tries e
join tasks t on t.id = e.task_id
join attempts a on a.id = t.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id
union all
select
  p.name, s.workflow_name, s.session_time, t.attempt_id, t.id, t.full_name, t.operator, t.retries + 1,
  case
    when t.state = 'success' then 'success'
    when t.state = 'canceled' then 'killed'
    when t.state in ('error', 'group_error') or failed then 'error'
    when a.finished_at is null then 'running'
  end,
  t.error ->> 'message', t.error_code, t.started_at, ended.at, extract(epoch from coalesce(ended.at, now()) - t.started_at)
from tasks t
join attempts a on a.id = t.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id,
-- Who waits for another try has failed; who waits to be called again, with no error, is under way.
lateral (select t.state = 'group_retry_waiting' or t.state = 'retry_waiting' and t.error is not null as failed) f,
lateral (select coalesce(t.finished_at, case when failed then t.updated_at end) as at) ended
where t.operator is not null and t.started_at is not null and not t.resumed;
