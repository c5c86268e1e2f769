-- What was kept long enough and has been taken away, and when: readers say so, and nobody resumes what is not there.
alter table attempts
  add column logs_removed_at timestamptz,
  add column tasks_removed_at timestamptz;
alter table revisions add column archive_removed_at timestamptz;
create index attempts_with_logs on attempts (finished_at) where logs_removed_at is null;
create index attempts_with_tasks on attempts (finished_at) where tasks_removed_at is null;
create index attempts_finished on attempts (finished_at);

-- For the foreign keys of what is deleted.
create index log_files_task on log_files (task_id);
create index attempts_workflow on attempts (workflow_id);
create index schedules_of_workflow on schedules (workflow_id);

-- What a task cost outlives the task.
alter table usages
  alter column task_id drop not null,
  add column task_name text,
  add column operator text;

create or replace view reporting.usages as
select
  u.id as usage_id, u.attempt_id, u.task_id, p.name as project, s.workflow_name as workflow, s.session_time,
  coalesce(t.full_name, u.task_name) as task, coalesce(t.operator, u.operator) as operator,
  -- 1 is the first; `replacement` counts jobs within one try that BigQuery could not carry out.
  u.retries + 1 as try, u.replacement, u.polls,
  u.kind, u.project as google_project, u.location, u.job, u.statement_type, u.child_jobs,
  u.bytes_processed, u.bytes_billed, u.slot_ms, u.rows, u.cache_hit,
  case u.state
    when 'succeeded' then 'success'
    when 'failed' then 'error'
    when 'not_run' then 'not run'
    else u.state
  end as status,
  u.reason, u.started_at, u.ended_at,
  extract(epoch from coalesce(u.ended_at, now()) - u.started_at) as seconds
from usages u
left join tasks t on t.id = u.task_id
join attempts a on a.id = u.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id;

-- The text of logs in partitions by the id of the file, which grows with time: a week's logs go by dropping a table.
-- store/retention/log-partitions.ts makes and drops them; `log_chunks_default` is there for the case that it cannot.
alter table log_chunks rename to log_chunks_before;
alter table log_chunks_before rename constraint log_chunks_pkey to log_chunks_before_pkey;
alter table log_chunks_before rename constraint log_chunks_file_id_fkey to log_chunks_before_file_id_fkey;
create table log_chunks (
  file_id bigint not null references log_files,
  seq int not null,
  text text not null,
  start bigint,
  primary key (file_id, seq)
) partition by range (file_id);
create table log_chunks_default partition of log_chunks default;
do $$
declare
  size constant bigint := 1000000;
  next bigint := (select coalesce(max(id), 0) / size + 1 from log_files) * size;
begin
  execute format('alter table log_chunks attach partition log_chunks_before for values from (minvalue) to (%s)', next);
  execute format('create table %I partition of log_chunks for values from (%s) to (%s)',
    'log_chunks_from_' || next, next, next + size);
end
$$;
