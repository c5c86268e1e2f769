/** Columns of a Task, from `tasks t`. */
export const taskColumns = `
  t.id, t.attempt_id as "attemptId", t.parent_id as "parentId", t.full_name as "fullName", t.name,
  t.round, t.operator, t.config, t.exports, t.stored, t.reset_params as "resetParams", t.exported,
  t.upstreams, t.retry, t.state, t.version, t.retries, t.outcome,
  t.operator_state as "operatorState", t.error, t.error_code as "errorCode", t.retry_at as "retryAt", t.resumed,
  t.started_at as "startedAt", t.finished_at as "finishedAt",
  t.updated_at as "updatedAt", t.worker`
