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

-- Every try of every task that an attempt ran itself, the last one among them; not of groups, which run nothing.
create view reporting.tries as
select
  p.name as project, s.workflow_name as workflow, s.session_time, x.attempt_id, x.task_id, x.task, x.operator,
  x.retries + 1 as try,
  case
    when x.state = 'success' then 'success'
    when x.state = 'canceled' then 'killed'
    when x.state in ('error', 'group_error') then 'error'
    when a.finished_at is null then 'running'
  end as status,
  x.error ->> 'message' as error, x.error_code, x.started_at, x.ended_at,
  extract(epoch from coalesce(x.ended_at, now()) - x.started_at) as seconds
from (
  select t.attempt_id, t.id as task_id, t.full_name as task, t.operator, e.retries, e.state, e.error, e.error_code,
    e.started_at, e.ended_at
  from task_tries e join tasks t on t.id = e.task_id
  union all
  select t.attempt_id, t.id, t.full_name, t.operator, t.retries,
    -- Who waits for another try has failed; who waits to be called again, with no error, is under way.
    case
      when t.state = 'group_retry_waiting' then 'group_error'
      when t.state = 'retry_waiting' and t.error is not null then 'error'
      else t.state
    end,
    t.error, t.error_code, t.started_at,
    coalesce(t.finished_at, case
      when t.state = 'group_retry_waiting' or t.state = 'retry_waiting' and t.error is not null then t.updated_at
    end)
  from tasks t
  where t.operator is not null and t.started_at is not null and not t.resumed
) x
join attempts a on a.id = x.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id;
