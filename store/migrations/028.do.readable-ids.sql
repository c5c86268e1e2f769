-- What an attempt's workflow is called in Temporal: this, then `/attempt-<id>`. Null: `attempt-<id>` alone, as the release
-- before calls all of them.
alter table attempts add column temporal_prefix text;

-- Whether workers of that version know the prefix. While one lives that does not, new attempts get none: it would ask
-- Temporal for them under the short name, and take them for lost.
alter table worker_versions add column knows_prefix boolean not null default false;

-- Who disabled a schedule; null of those that were disabled before this was written down.
alter table schedules add column disabled_by jsonb;

-- An actor as people read it: of somebody in Temporal, also the name that Temporal knows.
create or replace function reporting.actor_text(actor jsonb) returns text language sql immutable as $$
  select case actor ->> 'kind'
    when 'user' then coalesce(actor ->> 'name', actor ->> 'through', 'somebody')
    when 'schedule' then 'schedule ' || (actor ->> 'scheduleId')
    when 'task' then 'attempt ' || (actor ->> 'attemptId')
    when 'temporal' then coalesce((actor ->> 'name') || ' in Temporal', 'somebody in Temporal')
  end
$$;

-- Schedules get their readable names in Temporal when they are compared with it next: at once.
delete from turns where name = 'compare schedules';
