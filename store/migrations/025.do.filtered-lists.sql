-- For lists of attempts and sessions by what people look for, page by page, and for the overview of a day.
create index attempts_created on attempts (created_at);
create index attempts_workflow_newest on attempts (workflow_id, id desc);
-- What runs, failed or was killed is a small part of all.
create index attempts_unsuccessful on attempts (id) where success is not true;
create index attempts_unsuccessful_project on attempts (project_id, id) where success is not true;
create index attempts_unsuccessful_session on attempts (session_id) where success is not true;
-- What no schedule started.
create index attempts_reason on attempts (reason, id) where reason <> 'schedule';
create index sessions_project_newest on sessions (project_id, id desc);
create index sessions_workflow_newest on sessions (project_id, workflow_name, id desc);
create index sessions_time on sessions (session_time, id);
create index skipped_sessions_created on skipped_sessions (created_at);
create index skipped_sessions_until on skipped_sessions (until_session_time);
