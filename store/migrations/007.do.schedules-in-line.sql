-- What Temporal keeps of a schedule, as a hash of it; null while Temporal has to be told. Of a deleted
-- schedule: null once Temporal has it no more.
alter table schedules add column in_line_as text;
create index schedules_not_in_line on schedules (next_run_time)
  where (deleted_at is null) = (in_line_as is null);

-- Work that one process at a time does for all of them, and when it began last.
create table turns (
  name text primary key,
  began_at timestamptz not null
);
