-- What was asked (projects, revisions, schedules, sessions, attempts) and what happened (tasks, logs).

create table projects (
  id bigint generated always as identity primary key,
  name text not null check (length(name) between 1 and 255),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
-- A deleted project frees its name and keeps its history.
create unique index projects_name on projects (name) where deleted_at is null;

create table revisions (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects,
  name text not null check (length(name) between 1 and 255),
  archive bytea not null,
  archive_md5 text not null,
  created_at timestamptz not null default now(),
  unique (project_id, name)
);

create table workflows (
  id bigint generated always as identity primary key,
  revision_id bigint not null references revisions,
  project_id bigint not null references projects,
  name text not null check (length(name) between 1 and 255),
  timezone text not null,
  -- Temporal workflow type: the .dig interpreter's, or a TypeScript batch's.
  workflow_type text not null,
  -- json, not jsonb: key order is meaning in a .dig file.
  config json not null,
  definition json not null,
  unique (revision_id, name)
);
create index workflows_project_name on workflows (project_id, name, id desc);

create table schedules (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects,
  workflow_name text not null,
  workflow_id bigint not null references workflows,
  definition json not null,
  next_run_time timestamptz not null,
  next_session_time timestamptz not null,
  last_session_time timestamptz,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index schedules_workflow on schedules (project_id, workflow_name) where deleted_at is null;

create table sessions (
  id bigint generated always as identity primary key,
  project_id bigint not null references projects,
  workflow_name text not null,
  session_time timestamptz not null,
  uuid uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  unique (project_id, workflow_name, session_time)
);

create table attempts (
  id bigint generated always as identity primary key,
  session_id bigint not null references sessions,
  project_id bigint not null references projects,
  workflow_id bigint not null references workflows,
  -- 1, 2, … within the session; the newest is the session's last attempt.
  index int not null,
  -- '' for a session's first attempt, as in Digdag.
  retry_attempt_name text not null default '',
  params json not null default '{}',
  -- Resume: {"mode": "failed" | "from", "attemptId": 1, "from": "+task"}.
  resume json,
  idempotency_key text unique,
  cancel_requested boolean not null default false,
  -- Set once Temporal has accepted the workflow; the sweep looks for those without.
  started_at timestamptz,
  finished_at timestamptz,
  success boolean,
  created_at timestamptz not null default now(),
  unique (session_id, retry_attempt_name),
  unique (session_id, index)
);
create index attempts_project on attempts (project_id, id desc);
create index attempts_unstarted on attempts (created_at) where started_at is null and finished_at is null;

create table tasks (
  id bigint generated always as identity primary key,
  attempt_id bigint not null references attempts,
  parent_id bigint references tasks,
  full_name text not null,
  name text not null,
  -- 0 for a group's first round, one more for each group retry, so that a round is inserted once.
  round int not null default 0,
  operator text,
  config json not null default '{}',
  exports json not null default '{}',
  -- Stored by the operator for later tasks; keys to reset first stand in reset_params.
  stored json not null default '{}',
  reset_params json not null default '[]',
  -- Exported by the operator at run time, to its subtasks only.
  exported json not null default '{}',
  upstreams bigint[] not null default '{}',
  retry json,
  state text not null default 'blocked' check (state in (
    'blocked', 'ready', 'retry_waiting', 'group_retry_waiting', 'running', 'planned',
    'group_error', 'success', 'error', 'canceled')),
  -- Grows with each state change; an older change never overwrites a newer one.
  version int not null default 0,
  -- Which logical try `outcome`, `operator_state` and `error` belong to.
  retries int not null default 0,
  -- What `runTask` answered, so that a repeated call answers the same without running again.
  outcome json,
  -- An operator's own progress (a BigQuery job id, a poll's counter): never shown with secrets in it.
  operator_state json not null default '{}',
  error json,
  retry_at timestamptz,
  -- The task was taken over from the attempt that this one resumes.
  resumed boolean not null default false,
  -- From the workflow's definition, so copied when its group is retried; not so for generated tasks.
  initial boolean not null default true,
  bigquery_job text,
  bytes_billed bigint,
  slot_ms bigint,
  cache_hit boolean,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now()
);
create unique index tasks_once on tasks (attempt_id, coalesce(parent_id, 0), name, round);
create index tasks_attempt on tasks (attempt_id, id);
create index tasks_parent on tasks (parent_id);

create table log_files (
  id bigint generated always as identity primary key,
  attempt_id bigint not null references attempts,
  task_id bigint not null references tasks,
  full_name text not null,
  agent text not null,
  created_at timestamptz not null default now()
);
create index log_files_attempt on log_files (attempt_id, full_name, id);

create table log_chunks (
  file_id bigint not null references log_files,
  seq int not null,
  text text not null,
  primary key (file_id, seq)
);

create table secrets (
  project_id bigint not null references projects,
  key text not null check (length(key) between 1 and 255),
  -- AES-256-GCM: nonce, tag, ciphertext.
  value bytea not null,
  updated_at timestamptz not null default now(),
  primary key (project_id, key)
);
