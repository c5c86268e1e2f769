-- Versions of the workflow code that workers run: which came last, and which still live.
create table worker_versions (
  version text primary key,
  came_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
