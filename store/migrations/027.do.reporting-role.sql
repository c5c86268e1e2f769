-- What every view and column of `reporting` holds, as Metabase shows it, and who may read them: docs/reporting.md.

comment on view reporting.attempts is 'One row for each try at a session. Filter by created_at: it has an index.';
comment on column reporting.attempts.attempt_id is 'Its number, as in digdag and the API';
comment on column reporting.attempts.project is 'Name of the project';
comment on column reporting.attempts.workflow is 'Name of the workflow';
comment on column reporting.attempts.session_time is 'What time the session is for, not when it ran';
comment on column reporting.attempts.index is '1 is the first attempt of its session';
comment on column reporting.attempts.retry_attempt_name is 'Name that a retry or a backfill was given';
comment on column reporting.attempts.status is 'running, success, error or killed';
comment on column reporting.attempts.created_at is 'When it was asked for, or its schedule started it';
comment on column reporting.attempts.started_at is 'When its workflow began; null before';
comment on column reporting.attempts.finished_at is 'When it ended; null while it runs';
comment on column reporting.attempts.seconds is 'From created_at to its end, or until now';
comment on column reporting.attempts.bytes_billed is 'Bytes that BigQuery billed for all its jobs, failed ones too';
comment on column reporting.attempts.slot_ms is 'Milliseconds of BigQuery slots of all its jobs';
comment on column reporting.attempts.bytes_processed is 'Bytes that its BigQuery jobs read';
comment on column reporting.attempts.jobs is 'Number of its BigQuery jobs';
comment on column reporting.attempts.reason is 'Why it was started: start, schedule, backfill, retry or require';
comment on column reporting.attempts.started_by is 'Who started it: a user or program, a schedule, another attempt';
comment on column reporting.attempts.killed_by is 'Who asked for its end; null where nobody did';
comment on column reporting.attempts.session_id is 'The session: reporting.sessions';
comment on column reporting.attempts.revision is 'Name of the revision that it runs';
comment on column reporting.attempts.parameter_names is 'Names of the parameters that it was given, never their values';
comment on column reporting.attempts.resumed_from is 'Attempt whose finished tasks it took over';
comment on column reporting.attempts.due_at is 'When its schedule was to run; null of attempts that no schedule started in its turn';
comment on column reporting.attempts.start_delay_seconds is 'From created_at to started_at, or until now; a backfill waits for the session before';
comment on column reporting.attempts.late is 'Whether its sla: time came before its end; null once its tasks are removed';
comment on column reporting.attempts.tasks is 'Number of its tasks, groups included; null once they are removed';
comment on column reporting.attempts.failed_task is 'Full name of the first task that failed; null of an attempt that succeeded';
comment on column reporting.attempts.error is 'What that task says, without secrets';
comment on column reporting.attempts.error_code is 'Why it failed, in a word: docs/operators.md has the list';

comment on view reporting.tasks is 'One row for each task, groups included: where is_leaf has what did the work. Filter by attempt_created_at: it has an index.';
comment on column reporting.tasks.task_id is 'Its number';
comment on column reporting.tasks.attempt_id is 'Its attempt: reporting.attempts';
comment on column reporting.tasks.project is 'Name of the project';
comment on column reporting.tasks.workflow is 'Name of the workflow';
comment on column reporting.tasks.session_time is 'What time the session is for';
comment on column reporting.tasks.full_name is 'Its name with those of the groups above it: +daily+load+orders';
comment on column reporting.tasks.operator is 'bq, sh, py …; null of a group';
comment on column reporting.tasks.state is 'Its state in Digdag''s words';
comment on column reporting.tasks.retries is 'Tries after the first one';
comment on column reporting.tasks.resumed is 'Taken over as done from an earlier attempt, with the times that it had there';
comment on column reporting.tasks.error is 'What its last failure said, without secrets';
comment on column reporting.tasks.bigquery_job is 'Its last BigQuery job';
comment on column reporting.tasks.bytes_billed is 'Bytes billed for all its BigQuery jobs, failed ones and earlier tries too';
comment on column reporting.tasks.slot_ms is 'Milliseconds of BigQuery slots of all its jobs';
comment on column reporting.tasks.cache_hit is 'Whether its last BigQuery job was answered from the cache';
comment on column reporting.tasks.started_at is 'When its last try began; null of a group, and before';
comment on column reporting.tasks.finished_at is 'When it ended, with what it generated';
comment on column reporting.tasks.seconds is 'From started_at to its end, or until now';
comment on column reporting.tasks.status is 'success, error, killed, running, waiting; null where its attempt ended before it';
comment on column reporting.tasks.bytes_processed is 'Bytes that its BigQuery jobs read';
comment on column reporting.tasks.jobs is 'Number of its BigQuery jobs';
comment on column reporting.tasks.error_code is 'Why it failed, in a word: docs/operators.md has the list';
comment on column reporting.tasks.is_leaf is 'Whether it did the work itself: false of a group, and of an operator that generated tasks, such as for_each';
comment on column reporting.tasks.tries is 'How often it ran: 0 of what never ran, or was taken over';
comment on column reporting.tasks.queue_seconds is 'How long it was ready and waited for a worker, until its first try or until now; null where no row says when it was ready';
comment on column reporting.tasks.parent_id is 'The task above it';
comment on column reporting.tasks.parent is 'Full name of the task above it';
comment on column reporting.tasks.name is 'Its own name';
comment on column reporting.tasks.round is '0; one more for each time that a retry of the task above made it anew';
comment on column reporting.tasks.attempt_created_at is 'created_at of its attempt';

comment on view reporting.usages is 'One row for each job that a task ran in BigQuery: docs/usage.md.';
comment on column reporting.usages.usage_id is 'Its number';
comment on column reporting.usages.attempt_id is 'The attempt: reporting.attempts';
comment on column reporting.usages.task_id is 'The task: reporting.tasks; null once it is removed';
comment on column reporting.usages.project is 'Name of the project';
comment on column reporting.usages.workflow is 'Name of the workflow';
comment on column reporting.usages.session_time is 'What time the session is for';
comment on column reporting.usages.task is 'Full name of the task';
comment on column reporting.usages.operator is 'Operator of the task';
comment on column reporting.usages.try is 'Which try of the task: 1 is the first';
comment on column reporting.usages.replacement is 'How many jobs of the same try, which BigQuery could not carry out, came before it';
comment on column reporting.usages.polls is 'How often the try had asked to be called again when it began';
comment on column reporting.usages.kind is 'bigquery';
comment on column reporting.usages.google_project is 'The project at Google that the job ran in';
comment on column reporting.usages.location is 'Where the job ran';
comment on column reporting.usages.job is 'Id of the job';
comment on column reporting.usages.statement_type is 'What kind of statement it was, in BigQuery''s word';
comment on column reporting.usages.child_jobs is 'Statements of a script; its figures hold theirs';
comment on column reporting.usages.bytes_processed is 'Bytes that it read';
comment on column reporting.usages.bytes_billed is 'Bytes that BigQuery billed for it';
comment on column reporting.usages.slot_ms is 'Milliseconds of slots';
comment on column reporting.usages.rows is 'Rows changed, loaded or answered';
comment on column reporting.usages.cache_hit is 'Whether it was answered from the cache';
comment on column reporting.usages.status is 'running, success, error, canceled, not run or unknown';
comment on column reporting.usages.reason is 'BigQuery''s word for why it did not succeed';
comment on column reporting.usages.started_at is 'When it began, by BigQuery''s clock once it has ended';
comment on column reporting.usages.ended_at is 'When it ended';
comment on column reporting.usages.seconds is 'From started_at to its end, or until now';

comment on view reporting.sessions is 'One row for each session: one workflow at one session time, however often it was tried.';
comment on column reporting.sessions.session_id is 'Its number';
comment on column reporting.sessions.project is 'Name of the project';
comment on column reporting.sessions.workflow is 'Name of the workflow';
comment on column reporting.sessions.session_time is 'What time it is for, not when it ran';
comment on column reporting.sessions.session_date is 'The day of session_time in the time zone of the workflow';
comment on column reporting.sessions.timezone is 'Time zone of the workflow';
comment on column reporting.sessions.status is 'running, success, error or killed: of its last attempt';
comment on column reporting.sessions.attempts is 'How many attempts it has';
comment on column reporting.sessions.first_started_at is 'When its first attempt began';
comment on column reporting.sessions.finished_at is 'When its last attempt ended; null while that runs';
comment on column reporting.sessions.seconds_to_success is 'From first_started_at to the end of the first attempt that succeeded; null where none did';
comment on column reporting.sessions.last_attempt_id is 'Its last attempt: reporting.attempts';
comment on column reporting.sessions.reason is 'Why the last attempt was started: start, schedule, backfill, retry or require';
comment on column reporting.sessions.started_by is 'Who started the last attempt';

comment on view reporting.schedules is 'One row for each schedule in force, with what became of its sessions in the last day and week.';
comment on column reporting.schedules.schedule_id is 'Its number, as in digdag and the API';
comment on column reporting.schedules.project is 'Name of the project';
comment on column reporting.schedules.workflow is 'Name of the workflow';
comment on column reporting.schedules.timezone is 'Time zone that it runs by';
comment on column reporting.schedules.kind is 'daily, hourly, weekly, monthly, cron, minutes_interval or seconds_interval';
comment on column reporting.schedules.command is 'What stands behind the kind: 07:00:00';
comment on column reporting.schedules.schedule is 'As in the .dig file: daily> 07:00:00';
comment on column reporting.schedules.enabled is 'False while somebody has it disabled; a pause in Temporal''s own UI is not known here';
comment on column reporting.schedules.disabled_at is 'Since when it is disabled';
comment on column reporting.schedules.next_session_time is 'Its next session; null after its end';
comment on column reporting.schedules.next_run_time is 'When that one runs; null after its end';
comment on column reporting.schedules.overdue_seconds is 'How long ago the next session should have run, where nothing was decided about it yet; null while it is on time or disabled';
comment on column reporting.schedules.last_session_time is 'Its last session that was started';
comment on column reporting.schedules.last_attempt_id is 'The last attempt of that session';
comment on column reporting.schedules.last_status is 'running, success, error or killed: of that attempt';
comment on column reporting.schedules.last_finished_at is 'When that attempt ended';
comment on column reporting.schedules.expected_day is 'Sessions of the last 24 hours: started, missed and passed over';
comment on column reporting.schedules.started_day is 'Of them, those that the schedule started';
comment on column reporting.schedules.missed_day is 'Of them, those that did not run though nobody wanted that: nothing ran for too long, or skip_delayed_by, skip_on_overtime';
comment on column reporting.schedules.mean_delay_day is 'Seconds from when they were to run to their start, on average';
comment on column reporting.schedules.worst_delay_day is 'The same of the latest one';
comment on column reporting.schedules.expected_week is 'Sessions of the last 7 days: started, missed and passed over';
comment on column reporting.schedules.started_week is 'Of them, those that the schedule started';
comment on column reporting.schedules.missed_week is 'Of them, those that did not run though nobody wanted that';
comment on column reporting.schedules.mean_delay_week is 'Seconds from when they were to run to their start, on average';
comment on column reporting.schedules.worst_delay_week is 'The same of the latest one';

comment on view reporting.schedule_runs is 'What each schedule decided: one row for each session that it started, and one for sessions in a row that it passed for the same reason.';
comment on column reporting.schedule_runs.schedule_id is 'The schedule: reporting.schedules';
comment on column reporting.schedule_runs.project is 'Name of the project';
comment on column reporting.schedule_runs.workflow is 'Name of the workflow';
comment on column reporting.schedule_runs.outcome is 'started, or why not: missed, delayed, overtime, skipped or push (docs/schedules.md)';
comment on column reporting.schedule_runs.session_time is 'The session, or the first one of those that were passed';
comment on column reporting.schedule_runs.until_session_time is 'The first session after those that were passed';
comment on column reporting.schedule_runs.sessions is 'How many sessions the row stands for; null where nobody has counted them';
comment on column reporting.schedule_runs.due_at is 'When a session that was started should have run; null of what ran before this was recorded';
comment on column reporting.schedule_runs.decided_at is 'When it was decided';
comment on column reporting.schedule_runs.started_at is 'When the attempt began';
comment on column reporting.schedule_runs.delay_seconds is 'From due_at to started_at, or until now; large where a schedule was disabled meanwhile';
comment on column reporting.schedule_runs.attempt_id is 'The attempt that it started: reporting.attempts';
comment on column reporting.schedule_runs.status is 'running, success, error or killed: of that attempt';
comment on column reporting.schedule_runs.skipped_by is 'Who passed over the sessions';

comment on view reporting.skipped_sessions is 'Sessions in a row that a schedule passed without an attempt, and why: docs/schedules.md.';
comment on column reporting.skipped_sessions.skipped_id is 'Its number';
comment on column reporting.skipped_sessions.project is 'Name of the project';
comment on column reporting.skipped_sessions.workflow is 'Name of the workflow';
comment on column reporting.skipped_sessions.schedule_id is 'The schedule: reporting.schedules';
comment on column reporting.skipped_sessions.from_session_time is 'The first session that did not run';
comment on column reporting.skipped_sessions.until_session_time is 'The first one after them that is not among them';
comment on column reporting.skipped_sessions.reason is 'missed, delayed, overtime, skipped or push';
comment on column reporting.skipped_sessions.skipped_by is 'Who passed over them';
comment on column reporting.skipped_sessions.skipped_at is 'When the row was written; later sessions may have joined it';
comment on column reporting.skipped_sessions.sessions is 'How many they are; null where nobody has counted them';

comment on view reporting.daily_attempts is 'Attempts of each workflow by day.';
comment on column reporting.daily_attempts.project is 'Name of the project';
comment on column reporting.daily_attempts.workflow is 'Name of the workflow';
comment on column reporting.daily_attempts.day is 'Day on which they were asked for, in the time zone of the workflow';
comment on column reporting.daily_attempts.attempts is 'How many';
comment on column reporting.daily_attempts.success is 'Of them, those that succeeded';
comment on column reporting.daily_attempts.error is 'Of them, those that failed';
comment on column reporting.daily_attempts.killed is 'Of them, those that were killed';
comment on column reporting.daily_attempts.running is 'Of them, those that have not ended yet';
comment on column reporting.daily_attempts.p50_seconds is 'Half of those that ended took no longer than this';
comment on column reporting.daily_attempts.p95_seconds is 'All but one in twenty took no longer than this';
comment on column reporting.daily_attempts.bytes_billed is 'Bytes that BigQuery billed for their jobs';

comment on view reporting.daily_tasks is 'Leaves that ran, by workflow, day and operator. Ask for some days at a time: each reads all tasks of a day.';
comment on column reporting.daily_tasks.project is 'Name of the project';
comment on column reporting.daily_tasks.workflow is 'Name of the workflow';
comment on column reporting.daily_tasks.day is 'Day on which their attempt was asked for, in the time zone of the workflow';
comment on column reporting.daily_tasks.operator is 'bq, sh, py …';
comment on column reporting.daily_tasks.tasks is 'How many';
comment on column reporting.daily_tasks.success is 'Of them, those that succeeded';
comment on column reporting.daily_tasks.error is 'Of them, those that failed';
comment on column reporting.daily_tasks.killed is 'Of them, those that were killed';
comment on column reporting.daily_tasks.tries is 'How often they ran, retries included';
comment on column reporting.daily_tasks.p50_seconds is 'Half of the last tries took no longer than this';
comment on column reporting.daily_tasks.p95_seconds is 'All but one in twenty took no longer than this';

-- Of a migration beside this one, where that has landed.
do $$
declare
  sentence text;
begin
  if to_regclass('reporting.tries') is null then
    return;
  end if;
  comment on view reporting.tries is 'One row for each try of each task that ran, the last one too; groups run nothing.';
  for sentence in
    select format('comment on column reporting.tries.%I is %L', a.attname, d.description)
    from pg_attribute a join (values
      ('project', 'Name of the project'),
      ('workflow', 'Name of the workflow'),
      ('session_time', 'What time the session is for'),
      ('attempt_id', 'Its attempt: reporting.attempts'),
      ('task_id', 'Its task: reporting.tasks'),
      ('task', 'Full name of its task'),
      ('operator', 'Operator of its task'),
      ('try', '1 is the first'),
      ('status', 'running, success, error or killed'),
      ('error', 'What it said when it failed, without secrets'),
      ('error_code', 'Why it failed, in a word: docs/operators.md has the list'),
      ('started_at', 'When it began'),
      ('ended_at', 'When it ended'),
      ('seconds', 'From started_at to its end, or until now')
    ) d (name, description) on d.name = a.attname
    where a.attrelid = to_regclass('reporting.tries')
  loop
    execute sentence;
  end loop;
end
$$;

-- A role without login, which an administrator gives to users of Metabase. Views read with the rights of their owner, so
-- that no right on a table is needed.
do $$
begin
  if not exists (select from pg_roles where rolname = 'suiro_reporting') then
    begin
      create role suiro_reporting nologin;
    exception
      -- Another database of this server was migrated at the same time.
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise warning 'The role suiro_reporting was not made, since % may not make roles: docs/reporting.md says how to make it', current_user;
        return;
    end;
  end if;
  grant usage on schema reporting to suiro_reporting;
  grant select on all tables in schema reporting to suiro_reporting;
  -- Views to come.
  alter default privileges in schema reporting grant select on tables to suiro_reporting;
end
$$;
