-- Sessions of a schedule that it has passed without an attempt, and why: all from `from_session_time` on, and before
-- `until_session_time`. A schedule decides on each of its sessions once, in the order of their times: what is before
-- `next_session_time` has an attempt, or lies in one of these rows.
create table skipped_sessions (
  id bigint generated always as identity primary key,
  schedule_id bigint not null references schedules on delete cascade,
  from_session_time timestamptz not null,
  until_session_time timestamptz not null,
  -- store/skipped-sessions.ts has the words.
  reason text not null,
  actor jsonb not null,
  created_at timestamptz not null default now(),
  check (from_session_time < until_session_time)
);
create index skipped_sessions_schedule on skipped_sessions (schedule_id, until_session_time);

-- Sessions that are to run up to then were asked for by somebody (enabled again, pushed with a time to begin at, moved
-- by hand): they run however late it is. Null: nobody asked.
alter table schedules add column run_until timestamptz;

-- A backfill runs its sessions one after the other: an attempt does not start before this one has ended.
alter table attempts add column after_attempt_id bigint references attempts on delete set null;
create index attempts_after on attempts (after_attempt_id) where after_attempt_id is not null;

create view reporting.skipped_sessions as
select
  k.id as skipped_id, p.name as project, s.workflow_name as workflow, s.id as schedule_id,
  k.from_session_time, k.until_session_time, k.reason, reporting.actor_text(k.actor) as skipped_by,
  k.created_at as skipped_at
from skipped_sessions k
join schedules s on s.id = k.schedule_id
join projects p on p.id = s.project_id;
