/** Columns of a Schedule, from `schedules s join projects p …`. */
export const scheduleColumns = `
  s.id, s.project_id as "projectId", p.name as "projectName", s.workflow_id as "workflowId",
  s.workflow_name as "workflowName", s.definition, s.next_run_time as "nextRunTime",
  s.next_session_time as "nextSessionTime", s.last_session_time as "lastSessionTime",
  s.run_until as "runUntil",
  s.disabled_at as "disabledAt", s.disabled_by as "disabledBy", s.in_line_as as "inLineAs",
  s.created_at as "createdAt", s.updated_at as "updatedAt"`

export const scheduleTables = 'schedules s join projects p on p.id = s.project_id'
