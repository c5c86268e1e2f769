-- Jobs that tasks have started in BigQuery. Kept apart from a task's own progress, which its next try forgets:
-- as long as nobody has seen a job's end, somebody looks after it, whatever became of its task and worker.
create table jobs (
  id bigint generated always as identity primary key,
  attempt_id bigint not null references attempts,
  task_id bigint not null references tasks,
  retries int not null,
  -- BigQuery's project, place and id; the place is null until it is known.
  project text not null,
  location text,
  job text not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  checked_at timestamptz,
  checks int not null default 0,
  unique (project, job)
);
create index jobs_open on jobs (id) where ended_at is null;
create index jobs_task on jobs (task_id);
