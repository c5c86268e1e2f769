-- Which process of a worker runs a task: written when it begins, gone when it has ended or was given up
-- in good order. What is left there tells in whose hands a lost worker's tasks were.
alter table tasks add column worker uuid;
create index tasks_worker on tasks (worker) where worker is not null;

-- Processes that run tasks; one that lives is seen every few seconds.
create table workers (
  id uuid primary key,
  agent text not null,
  seen_at timestamptz not null default now()
);

-- A process that ended without a word, and a run (a version of its task) that was under way in it.
create table worker_deaths (
  task_id bigint not null references tasks on delete cascade,
  version int not null,
  worker uuid not null,
  noted_at timestamptz not null default now(),
  primary key (task_id, version, worker)
);
create index worker_deaths_worker on worker_deaths (worker);
