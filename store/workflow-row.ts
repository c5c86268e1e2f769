/** Columns of a Workflow, from `workflows w join revisions r … join projects p …`. */
export const workflowColumns = `
  w.id, w.name, w.project_id as "projectId", p.name as "projectName", w.revision_id as "revisionId",
  r.name as revision, w.timezone, w.workflow_type as "workflowType", w.config, w.definition,
  w.format, r.archive_removed_at as "archiveRemovedAt"`

export const workflowTables = `
  workflows w join revisions r on r.id = w.revision_id join projects p on p.id = w.project_id`
