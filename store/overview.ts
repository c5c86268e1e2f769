import type { Pool } from 'pg'
import { statusCondition } from './attempt-filter.ts'
import { attemptColumns, attemptTables } from './attempt-row.ts'
import { failedTasks } from './failed-tasks.ts'
import { rowOf, rowsOf } from './queryable.ts'
import type { SkippedSessions } from './skipped-sessions.ts'
import type { SlaDefinition } from '#workflows/dig/definition.ts'
import type { AttemptId, ProjectId, WorkflowId } from '#workflows/domain/ids.ts'
import type { TaskErrorCode } from '#workflows/domain/task-error.ts'
import type { Attempt } from './types.ts'

/** Attempts that ended without success, where no other attempt of the session came after them. */
export interface Unsuccessful {
  /** Newest end first; at most so many as were asked for. */
  readonly failed: readonly AttemptId[]
  readonly killed: readonly AttemptId[]
  readonly failedCount: number
  readonly killedCount: number
  /** Sessions with such an attempt of which a later one succeeded. */
  readonly mendedCount: number
}

/** Why an attempt failed: the first task whose own failure counts. */
export interface Cause {
  /** Full name. */
  readonly task: string
  readonly message: string
  readonly code: TaskErrorCode | null
}

export interface OpenAttempt extends Attempt {
  /** Does not start before that one has ended. */
  readonly afterAttemptId: AttemptId | null
}

export interface Usual {
  readonly projectId: ProjectId
  readonly workflowName: string
  /** Median of the last successful attempts. */
  readonly seconds: number
  /** How many there were. */
  readonly runs: number
}

/** Of projects that are not deleted; all of them, or one. */
export interface OverviewStore {
  unsuccessful(filter: {
    readonly since: Date
    readonly projectId?: ProjectId
    readonly most: number
  }): Promise<Unsuccessful>
  attempts(ids: readonly AttemptId[]): Promise<readonly Attempt[]>
  causes(ids: readonly AttemptId[]): Promise<ReadonlyMap<AttemptId, Cause>>
  /** Not finished, oldest first. */
  open(filter: {
    readonly projectId?: ProjectId
    readonly most: number
  }): Promise<readonly OpenAttempt[]>
  openCounts(projectId?: ProjectId): Promise<{ readonly running: number; readonly waiting: number }>
  slas(ids: readonly WorkflowId[]): Promise<ReadonlyMap<WorkflowId, SlaDefinition>>
  usual(workflows: readonly Pick<Usual, 'projectId' | 'workflowName'>[]): Promise<readonly Usual[]>
  /** Full names of tasks that run now. */
  runningTasks(ids: readonly AttemptId[]): Promise<ReadonlyMap<AttemptId, readonly string[]>>
  /** Passed since then, or of a time since then; newest first. */
  skipped(filter: {
    readonly since: Date
    readonly projectId?: ProjectId
    readonly most: number
  }): Promise<{ readonly rows: readonly SkippedSessions[]; readonly total: number }>
}

/** Attempts of a workflow that are looked at for how long it usually takes. */
const recentRuns = 10
/** Revisions that they are looked for in. */
const recentRevisions = 5

export function createOverviewStore(pool: Pool): OverviewStore {
  return {
    async unsuccessful({ since, projectId, most }) {
      const row = await rowOf<Unsuccessful>(
        pool,
        `with ended as materialized (
          select a.id, a.session_id, a.finished_at, a.cancel_requested as killed,
            last.id = a.id as last, last.success is true as mended
          from attempts a join projects p on p.id = a.project_id and p.deleted_at is null
          cross join lateral (
            select id, success from attempts where session_id = a.session_id order by index desc limit 1
          ) last
          where a.finished_at >= $1 and ${statusCondition(['error', 'killed'])}
            and ($2::bigint is null or a.project_id = $2)
        )
        select
          array(select id from ended where last and not killed order by finished_at desc, id desc limit $3) as failed,
          array(select id from ended where last and killed order by finished_at desc, id desc limit $3) as killed,
          (select count(*) from ended where last and not killed) as "failedCount",
          (select count(*) from ended where last and killed) as "killedCount",
          (select count(distinct session_id) from ended where mended) as "mendedCount"`,
        [since, projectId ?? null, most],
      )
      if (row === undefined) throw new Error('PostgreSQL answered no row')
      return row
    },
    attempts: (ids) =>
      rowsOf<Attempt>(pool, `select ${attemptColumns} from ${attemptTables} where a.id = any($1)`, [
        ids,
      ]),
    async causes(ids) {
      const rows = await rowsOf<Cause & { readonly attemptId: AttemptId }>(
        pool,
        // The root says why where no task of it did: its workflow was gone.
        `select a.id as "attemptId", c.full_name as task, c.message, c.error_code as code
        from unnest($1::bigint[]) a (id) cross join lateral (
          select * from (
            select 1 as choice, full_name, message, error_code from (${failedTasks('a.id')} limit 1) own
            union all
            select 2, full_name, error->>'message', error_code from tasks
            where attempt_id = a.id and parent_id is null and error->>'message' is not null
          ) reasons order by choice limit 1
        ) c`,
        [ids],
      )
      return new Map(rows.map(({ attemptId, ...cause }) => [attemptId, cause]))
    },
    open: ({ projectId, most }) =>
      rowsOf<OpenAttempt>(
        pool,
        `select ${attemptColumns}, a.after_attempt_id as "afterAttemptId" from ${attemptTables}
        where a.finished_at is null and p.deleted_at is null and ($1::bigint is null or a.project_id = $1)
        order by a.id limit $2`,
        [projectId ?? null, most],
      ),
    async openCounts(projectId) {
      const row = await rowOf<{ running: number; waiting: number }>(
        pool,
        `select count(a.started_at) as running, count(*) - count(a.started_at) as waiting
        from attempts a join projects p on p.id = a.project_id and p.deleted_at is null
        where a.finished_at is null and ($1::bigint is null or a.project_id = $1)`,
        [projectId ?? null],
      )
      return row ?? { running: 0, waiting: 0 }
    },
    async slas(ids) {
      const rows = await rowsOf<{ id: WorkflowId; sla: SlaDefinition }>(
        pool,
        `select id, definition -> 'sla' as sla from workflows
        where id = any($1) and definition -> 'sla' is not null`,
        [ids],
      )
      return new Map(rows.map(({ id, sla }) => [id, sla]))
    },
    usual: (workflows) =>
      rowsOf<Usual>(
        pool,
        `select k.project_id as "projectId", k.name as "workflowName", u.seconds, u.runs
        from unnest($1::bigint[], $2::text[]) k (project_id, name)
        cross join lateral (
          select percentile_cont(0.5) within group (order by seconds) as seconds, count(*) as runs
          from (
            select extract(epoch from a.finished_at - a.started_at)::float8 as seconds
            from (
              select id from workflows where project_id = k.project_id and name = k.name
              order by id desc limit ${recentRevisions}
            ) w
            cross join lateral (
              select id, started_at, finished_at, success from attempts
              where workflow_id = w.id order by id desc limit ${recentRuns}
            ) a
            where a.success order by a.id desc limit ${recentRuns}
          ) recent
        ) u
        where u.runs > 0`,
        [workflows.map((one) => one.projectId), workflows.map((one) => one.workflowName)],
      ),
    async runningTasks(ids) {
      const rows = await rowsOf<{ attemptId: AttemptId; tasks: readonly string[] }>(
        pool,
        `select attempt_id as "attemptId", array_agg(full_name order by id) as tasks from tasks
        where worker is not null and state = 'running' and attempt_id = any($1) group by attempt_id`,
        [ids],
      )
      return new Map(rows.map(({ attemptId, tasks }) => [attemptId, tasks]))
    },
    async skipped({ since, projectId, most }) {
      const rows = await rowsOf<SkippedSessions & { readonly total: number }>(
        pool,
        `select k.id, k.schedule_id as "scheduleId", k.from_session_time as "from",
          k.until_session_time as "until", k.reason, k.actor, k.created_at as "createdAt", count(*) over () as total
        from skipped_sessions k join schedules s on s.id = k.schedule_id and s.deleted_at is null
        where (k.created_at >= $1 or k.until_session_time > $1 and k.from_session_time <= now())
          and ($2::bigint is null or s.project_id = $2)
        order by k.until_session_time desc, k.id desc limit $3`,
        [since, projectId ?? null, most],
      )
      return { rows, total: rows[0]?.total ?? 0 }
    },
  }
}
