import type { PoolClient } from 'pg'
import type { ProjectId, RevisionId, ScheduleId } from '#workflows/domain/ids.ts'
import { jsonText } from './json-text.ts'
import type { NewRevision, Pushed } from './projects.ts'
import { rowOf, rowsOf } from './queryable.ts'
import { scheduleColumns, scheduleTables } from './schedule-row.ts'
import type { Project, Schedule, Workflow } from './types.ts'
import { workflowColumns, workflowTables } from './workflow-row.ts'

/** Keeps a revision within the caller's transaction. */
export async function pushRevision(
  client: PoolClient,
  revision: NewRevision,
): Promise<Pushed | 'revision-exists'> {
  const projectId = await lockedProject(client, revision.project)
  const kept = await rowOf<{ id: RevisionId; createdAt: Date }>(
    client,
    `insert into revisions (project_id, name, archive, archive_md5) values ($1, $2, $3, $4)
    on conflict (project_id, name) do nothing returning id, created_at as "createdAt"`,
    [projectId, revision.revision, revision.archive, revision.archiveMd5],
  )
  if (kept === undefined) return 'revision-exists'

  for (const { definition, workflowType } of revision.workflows) {
    await client.query(
      `insert into workflows (revision_id, project_id, name, timezone, workflow_type, config, definition)
      values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        kept.id,
        projectId,
        definition.name,
        definition.timezone,
        workflowType,
        jsonText(definition.config),
        jsonText(definition),
      ],
    )
  }
  const workflows = await rowsOf<Workflow>(
    client,
    `select ${workflowColumns} from ${workflowTables} where w.revision_id = $1 order by w.id`,
    [kept.id],
  )
  const removedSchedules = await updateSchedules(client, projectId, workflows, revision)
  const schedules = await rowsOf<Schedule>(
    client,
    `select ${scheduleColumns} from ${scheduleTables}
    where s.project_id = $1 and s.deleted_at is null order by s.id`,
    [projectId],
  )
  const project = await rowOf<Omit<Project, 'revision' | 'archiveMd5'>>(
    client,
    `update projects set updated_at = now() where id = $1
    returning id, name, created_at as "createdAt", updated_at as "updatedAt",
      deleted_at as "deletedAt"`,
    [projectId],
  )
  if (project === undefined) throw new Error(`Project ${projectId} vanished while it was locked`)
  const { revision: name, archiveMd5 } = revision
  return {
    project: { ...project, revision: name, archiveMd5 },
    workflows,
    schedules,
    removedSchedules,
  }
}

/** The project of that name, made if need be, and locked so that pushes to it come one by one. */
async function lockedProject(client: PoolClient, name: string): Promise<ProjectId> {
  const row = await rowOf<{ id: ProjectId }>(
    client,
    `insert into projects (name) values ($1)
    on conflict (name) where deleted_at is null do update set name = excluded.name
    returning id`,
    [name],
  )
  if (row === undefined) throw new Error(`Project ${name} could be neither made nor found`)
  return row.id
}

/** DIGDAG-SPEC 5.3: a schedule outlives the revision that made it, and goes on after its last session. */
async function updateSchedules(
  client: PoolClient,
  projectId: ProjectId,
  workflows: readonly Workflow[],
  { firstTimes, clearSchedules = [] }: NewRevision,
): Promise<readonly ScheduleId[]> {
  const scheduled: string[] = []
  for (const workflow of workflows) {
    const { schedule } = workflow.definition
    if (schedule === undefined) continue
    scheduled.push(workflow.name)
    const standing = await rowOf<{ id: ScheduleId; lastSessionTime: Date | null }>(
      client,
      `select id, last_session_time as "lastSessionTime" from schedules
      where project_id = $1 and workflow_name = $2 and deleted_at is null for update`,
      [projectId, workflow.name],
    )
    const cleared = clearSchedules === 'all' || clearSchedules.includes(workflow.name)
    const last = cleared ? null : (standing?.lastSessionTime ?? null)
    const { runTime, sessionTime } = firstTimes(schedule, last, workflow.name)
    const values = [workflow.id, jsonText(schedule), runTime, sessionTime]
    if (standing === undefined) {
      await client.query(
        `insert into schedules
          (workflow_id, definition, next_run_time, next_session_time, project_id, workflow_name)
        values ($1, $2, $3, $4, $5, $6)`,
        [...values, projectId, workflow.name],
      )
    } else {
      await client.query(
        `update schedules set workflow_id = $1, definition = $2, next_run_time = $3,
          next_session_time = $4, last_session_time = $6, updated_at = now() where id = $5`,
        [...values, standing.id, last],
      )
    }
  }
  const removed = await rowsOf<{ id: ScheduleId }>(
    client,
    `update schedules set deleted_at = now()
    where project_id = $1 and deleted_at is null and not workflow_name = any($2) returning id`,
    [projectId, scheduled],
  )
  return removed.map(({ id }) => id)
}
