/** Columns of an Attempt, from `attempts a join sessions s … workflows w … projects p`. */
export const attemptColumns = `
  a.id, a.index, a.session_id as "sessionId", s.uuid as "sessionUuid",
  s.session_time as "sessionTime", a.project_id as "projectId", p.name as "projectName",
  a.workflow_id as "workflowId", w.name as "workflowName", w.workflow_type as "workflowType",
  w.timezone, nullif(a.retry_attempt_name, '') as "retryAttemptName", a.params, a.resume, a.actor, a.reason,
  a.cancel_requested as "cancelRequested", a.canceled_by as "canceledBy", a.stalled, a.created_at as "createdAt",
  a.started_at as "startedAt", a.finished_at as "finishedAt", a.success,
  coalesce(a.temporal_prefix || '/', '') || 'attempt-' || a.id as "temporalId",
  a.logs_removed_at as "logsRemovedAt", a.tasks_removed_at as "tasksRemovedAt"`

export const attemptTables = `
  attempts a join sessions s on s.id = a.session_id join workflows w on w.id = a.workflow_id
  join projects p on p.id = a.project_id`
