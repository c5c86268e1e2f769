-- What each try of each task used: `jobs` with what came of them. One table for both, since a job that has no end
-- yet is the same fact to whoever looks after it and to whoever reads what it cost.
alter table jobs rename to usages;
alter table usages rename constraint jobs_pkey to usages_pkey;
alter table usages rename constraint jobs_project_job_key to usages_project_job_key;
alter table usages rename constraint jobs_attempt_id_fkey to usages_attempt_id_fkey;
alter table usages rename constraint jobs_task_id_fkey to usages_task_id_fkey;
alter sequence jobs_id_seq rename to usages_id_seq;
alter index jobs_task rename to usages_task;

alter table usages
  -- Later kinds (pods, calls) name their own project and job; the two are unique over all kinds.
  add column kind text not null default 'bigquery',
  -- How often this try had asked to be called again when it began.
  add column polls int not null default 0,
  -- How many jobs of the same try, which BigQuery could not carry out, came before it.
  add column replacement int not null default 0,
  -- `not_run`: refused, so it never was. `unknown`: nobody can say any more whether and how it ended.
  add column state text not null default 'running'
    check (state in ('running', 'succeeded', 'failed', 'canceled', 'not_run', 'unknown')),
  -- The service's own word for why it did not succeed, such as `invalidQuery`.
  add column reason text,
  add column statement_type text,
  add column bytes_processed bigint,
  add column bytes_billed bigint,
  add column slot_ms bigint,
  add column rows bigint,
  add column cache_hit boolean,
  -- Statements of a script; what they used is in the script's own figures already.
  add column child_jobs int;

-- What was known until now stood on the task, of its last job that went well.
update usages set state = 'unknown' where ended_at is not null;
update usages u set state = 'succeeded', bytes_billed = t.bytes_billed, slot_ms = t.slot_ms, cache_hit = t.cache_hit,
  ended_at = coalesce(u.ended_at, t.finished_at, t.updated_at)
from tasks t
where t.id = u.task_id and right(t.bigquery_job, length(u.job) + 1) = '.' || u.job;
insert into usages (attempt_id, task_id, retries, project, location, job, started_at, ended_at, state,
  bytes_billed, slot_ms, cache_hit)
select t.attempt_id, t.id, t.retries, coalesce(part[1], ''), part[2], coalesce(part[3], t.bigquery_job),
  coalesce(t.started_at, t.updated_at), coalesce(t.finished_at, t.updated_at), 'succeeded',
  t.bytes_billed, t.slot_ms, t.cache_hit
from tasks t left join lateral regexp_match(t.bigquery_job, '^(.+):([^:.]+)\.([^:.]+)$') part on true
where t.bigquery_job is not null
  and not exists (select from usages u where u.task_id = t.id and u.state = 'succeeded')
on conflict (project, job) do nothing;

create index usages_running on usages (id) where state = 'running';
create index usages_attempt on usages (attempt_id);

-- For the release before, which may still run. To go with it: this view, the index `jobs_open`, and of `tasks` the
-- columns bigquery_job, bytes_billed, slot_ms and cache_hit. What it ends through the view has ended_at and is still
-- `running`: the sweep asks BigQuery for the rest.
create view jobs as
select id, attempt_id, task_id, retries, project, location, job, started_at, ended_at, checked_at, checks
from usages where kind = 'bigquery';

create view reporting.usages as
select
  u.id as usage_id, u.attempt_id, u.task_id, p.name as project, s.workflow_name as workflow, s.session_time,
  t.full_name as task, t.operator,
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
join tasks t on t.id = u.task_id
join attempts a on a.id = u.attempt_id
join sessions s on s.id = a.session_id
join projects p on p.id = a.project_id;
