-- Which content of a project of TypeScript batches each process of the API has, and when it lived last.
create table batch_replicas (
  replica uuid not null,
  project text not null,
  content text not null,
  seen_at timestamptz not null default now(),
  primary key (replica, project)
);
