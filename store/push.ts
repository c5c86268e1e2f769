import { setImmediate } from 'node:timers/promises'
import type { PoolClient } from 'pg'
import type { Actor } from '#workflows/domain/actor.ts'
import type { ProjectId, RevisionId, ScheduleId } from '#workflows/domain/ids.ts'
import type { ScheduleDefinition } from '#workflows/dig/definition.ts'
import { jsonText } from './json-text.ts'
import type { NewWorkflow } from './new-workflow.ts'
import { rowOf, rowsOf } from './queryable.ts'
import { forgetSkipped, writeSkipped, type PassedSessions } from './skipped-sessions.ts'
import type { Project, Workflow } from './types.ts'
import { definitionFormat } from './workflow-format.ts'

/** A checked revision, ready to be stored. */
export interface NewRevision {
  readonly project: string
  readonly revision: string
  readonly archive: Buffer
  /** Base64 of the archive's MD5, as Digdag shows it. */
  readonly archiveMd5: string
  readonly workflows: readonly NewWorkflow[]
  /** Names of workflows whose schedules forget their last session, so that they begin anew. */
  readonly clearSchedules?: 'all' | readonly string[]
  /** Where each scheduled workflow begins, or goes on where it has a schedule already. */
  readonly firstTimes: (
    schedule: ScheduleDefinition,
    standing: StandingSchedule | undefined,
  ) => FirstTimes
  /** What had fallen due of a schedule that goes away, and will not run. */
  readonly lost?: (standing: StandingSchedule) => PassedSessions | undefined
  /** Who pushes; without it nothing is written of what is lost. */
  readonly actor?: Actor
}

/** A schedule as it was before the push. */
export interface StandingSchedule {
  readonly id: ScheduleId
  readonly workflowName: string
  readonly definition: ScheduleDefinition
  readonly nextRunTime: Date
  readonly nextSessionTime: Date
  /** It is to begin anew: then `lastSessionTime` and `skippedUntil` are null. */
  readonly cleared: boolean
  readonly lastSessionTime: Date | null
  /** The sessions before it that it passed without an attempt end here. */
  readonly skippedUntil: Date | null
}

export interface FirstTimes {
  readonly runTime: Date
  readonly sessionTime: Date
  /** Somebody asked for what is to run up to then. */
  readonly runUntil?: Date
  /** What had fallen due, and will not run. */
  readonly lost?: PassedSessions
}

/** What a push changed: schedules to create or update (the next to run first), and to delete, in Temporal. */
export interface Pushed {
  readonly project: Project
  readonly workflows: readonly Pick<Workflow, 'id' | 'name'>[]
  readonly changedSchedules: readonly ScheduleId[]
  readonly removedSchedules: readonly ScheduleId[]
  /** Not disabled, and something of them should have run already. */
  readonly dueSchedules: readonly ScheduleId[]
}

type NamedWorkflow = Pick<Workflow, 'id' | 'name'>

/** Keeps a revision within the caller's transaction. */
export async function pushRevision(
  client: PoolClient,
  revision: NewRevision,
): Promise<Pushed | 'revision-exists'> {
  const projectId = await lockedProject(client, revision.project)
  const stored = await rowOf<{ id: RevisionId; createdAt: Date }>(
    client,
    `insert into revisions (project_id, name, archive, archive_md5) values ($1, $2, $3, $4)
    on conflict (project_id, name) do nothing returning id, created_at as "createdAt"`,
    [projectId, revision.revision, revision.archive, revision.archiveMd5],
  )
  if (stored === undefined) return 'revision-exists'

  const workflows: NamedWorkflow[] = []
  for (let from = 0; from < revision.workflows.length; from += manyRows) {
    const some = revision.workflows.slice(from, from + manyRows)
    workflows.push(...(await insertWorkflows(client, stored.id, projectId, some)))
  }
  const removedSchedules = await updateSchedules(client, projectId, workflows, revision)
  const changed = await rowsOf<{ id: ScheduleId }>(
    client,
    `select id from schedules
    where project_id = $1 and deleted_at is null and in_line_as is null order by next_run_time`,
    [projectId],
  )
  const due = await rowsOf<{ id: ScheduleId }>(
    client,
    `select id from schedules
    where project_id = $1 and deleted_at is null and disabled_at is null and next_run_time <= now()
    order by next_run_time`,
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
    changedSchedules: changed.map(({ id }) => id),
    removedSchedules,
    dueSchedules: due.map(({ id }) => id),
  }
}

/** Rows of one statement. */
const manyRows = 100

/** As parameters of their own, not as arrays: a definition may have megabytes, and arrays are escaped. */
function insertWorkflows(
  client: PoolClient,
  revisionId: RevisionId,
  projectId: ProjectId,
  workflows: readonly NewWorkflow[],
): Promise<readonly NamedWorkflow[]> {
  const values = workflows.map(({ name, timezone, workflowType, config, definition }) => [
    name,
    timezone,
    workflowType,
    config,
    definition,
  ])
  const places = values.map((row, at) => {
    const first = 4 + at * row.length
    return `($1, $2, $3, ${row.map((_, column) => `$${first + column}`).join(', ')})`
  })
  return rowsOf<NamedWorkflow>(
    client,
    `insert into workflows
      (revision_id, project_id, format, name, timezone, workflow_type, config, definition)
    values ${places.join(', ')} returning id, name`,
    [revisionId, projectId, definitionFormat, ...values.flat()],
  )
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

/** docs/language.md#schedules: a schedule outlives the revision that made it, and goes on after its last session. */
async function updateSchedules(
  client: PoolClient,
  projectId: ProjectId,
  workflows: readonly NamedWorkflow[],
  revision: NewRevision,
): Promise<readonly ScheduleId[]> {
  const ids = new Map(workflows.map(({ id, name }) => [name, id]))
  const standing = new Map(
    (await standingSchedules(client, projectId, revision)).map((one) => [one.workflowName, one]),
  )
  const rows = []
  for (const { name, schedule } of revision.workflows) {
    if (schedule === undefined) continue
    const before = standing.get(name)
    rows.push({ name, schedule, before, ...revision.firstTimes(schedule, before) })
    // Times of hundreds of schedules are work: others have their turn in between.
    if (rows.length % 20 === 0) await setImmediate()
  }
  await client.query(
    `insert into schedules as s (project_id, workflow_id, workflow_name, definition, next_run_time,
      next_session_time, last_session_time, run_until)
    select $1, n.* from unnest($2::bigint[], $3::text[], $4::json[], $5::timestamptz[],
      $6::timestamptz[], $7::timestamptz[], $8::timestamptz[]) n
    on conflict (project_id, workflow_name) where deleted_at is null do update set
      workflow_id = excluded.workflow_id, definition = excluded.definition,
      next_run_time = excluded.next_run_time, next_session_time = excluded.next_session_time,
      last_session_time = excluded.last_session_time, updated_at = now(),
      run_until = greatest(s.run_until, excluded.run_until),
      -- Temporal knows nothing of revisions: a schedule that says the same as before is in line.
      in_line_as = case when s.definition::text = excluded.definition::text then s.in_line_as end`,
    [
      projectId,
      rows.map(({ name }) => ids.get(name)),
      rows.map(({ name }) => name),
      rows.map(({ schedule }) => jsonText(schedule)),
      rows.map(({ runTime }) => runTime),
      rows.map(({ sessionTime }) => sessionTime),
      rows.map(({ before }) => before?.lastSessionTime ?? null),
      rows.map(({ runUntil }) => runUntil ?? null),
    ],
  )
  for (const { before, sessionTime, lost } of rows) {
    if (before === undefined) continue
    if (sessionTime < before.nextSessionTime) await forgetSkipped(client, before.id, sessionTime)
    await writeLost(client, before.id, lost, revision.actor)
    standing.delete(before.workflowName)
  }
  const gone = [...standing.values()]
  for (const one of gone) await writeLost(client, one.id, revision.lost?.(one), revision.actor)
  await client.query('update schedules set deleted_at = now() where id = any($1)', [
    gone.map(({ id }) => id),
  ])
  return gone.map(({ id }) => id)
}

/** The project's schedules, locked; one that is to be cleared has forgotten its sessions. */
async function standingSchedules(
  client: PoolClient,
  projectId: ProjectId,
  { clearSchedules = [] }: NewRevision,
): Promise<readonly StandingSchedule[]> {
  const rows = await rowsOf<Omit<StandingSchedule, 'cleared'>>(
    client,
    `select s.id, s.workflow_name as "workflowName", s.definition, s.next_run_time as "nextRunTime",
      s.next_session_time as "nextSessionTime", s.last_session_time as "lastSessionTime",
      (select max(until_session_time) from skipped_sessions where schedule_id = s.id) as "skippedUntil"
    from schedules s where s.project_id = $1 and s.deleted_at is null for update of s`,
    [projectId],
  )
  const cleared = (name: string): boolean =>
    clearSchedules === 'all' || clearSchedules.includes(name)
  return rows.map((row) =>
    cleared(row.workflowName)
      ? { ...row, cleared: true, lastSessionTime: null, skippedUntil: null }
      : { ...row, cleared: false },
  )
}

const writeLost = async (
  client: PoolClient,
  id: ScheduleId,
  lost: PassedSessions | undefined,
  actor: Actor | undefined,
): Promise<void> => {
  if (lost === undefined || actor === undefined) return
  await writeSkipped(client, id, { ...lost, reason: 'push', actor })
}
