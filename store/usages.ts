import type { Pool } from 'pg'
import type { AttemptId, ProjectId, TaskId } from '#workflows/domain/ids.ts'
import type { Json } from '#workflows/domain/json.ts'
import { rowsOf } from './queryable.ts'
import type { Usage } from './types.ts'

/** What a task is about to use, by the name that it has outside: writing it down twice is once. */
export interface UsedResource {
  readonly kind: Usage['kind']
  /** BigQuery's project, not ours. */
  readonly project: string
  readonly job: string
  readonly location?: string
  /** How many jobs of the same try it replaces. */
  readonly replacement: number
}

/** Which call of a task uses it. */
export interface UsedBy {
  readonly attemptId: AttemptId
  readonly taskId: TaskId
  readonly retries: number
  readonly polls: number
}

/** How it ended, and what it used; a figure that is null is not known, or does not apply. */
export type UsageEnd = Pick<Usage, 'reason'> &
  Partial<UsageFigures> & {
    readonly state: Exclude<Usage['state'], 'running'>
    readonly location?: string
    /** By the service's own clock; absent: when it was written down, and now. */
    readonly startedAt?: Date
    readonly endedAt?: Date
  }

export type UsageFigures = Pick<
  Usage,
  'statementType' | 'bytesProcessed' | 'bytesBilled' | 'slotMs' | 'rows' | 'cacheHit' | 'childJobs'
>

/** A job that nobody waits for any more, and what is needed to ask for it. */
export interface LeftJob {
  readonly id: number
  readonly project: string
  readonly location: string | null
  readonly job: string
  readonly ageSeconds: number
  readonly projectId: ProjectId
  /** The task's `_secrets` as written. */
  readonly mounts: Json | null
}

export interface Usages {
  /** Before anybody is asked for it; said again it only adds a location, and opens what had not run. */
  begin(by: UsedBy, resource: UsedResource): Promise<void>
  /** A known end is never overwritten, so the first report counts. */
  end(resource: Pick<UsedResource, 'project' | 'job'>, end: UsageEnd): Promise<void>
  /** In the order in which they began. */
  ofAttempt(attemptId: AttemptId): Promise<readonly Usage[]>
  ofTask(taskId: TaskId): Promise<readonly Usage[]>
  /**
   * Jobs of BigQuery without a known end whose attempt was killed or has ended, or whose task has gone on without
   * them, and those that the release before saw the end of without its figures. Each is given to one asker at a
   * time, and more and more seldom.
   */
  claimLeft(most: number): Promise<readonly LeftJob[]>
}

/** The 64-bit figures as text: a JavaScript number does not hold them all. */
type Row = { readonly [Key in keyof Usage]: bigint extends Usage[Key] ? string | null : Usage[Key] }

const exact = (text: string | null): bigint | null => (text === null ? null : BigInt(text))

export function createUsages(pool: Pool): Usages {
  async function read(column: 'attempt_id' | 'task_id', id: number): Promise<readonly Usage[]> {
    const rows = await rowsOf<Row>(
      pool,
      `select id, task_id as "taskId", retries, polls, replacement, kind, project, location, job, state,
        reason, statement_type as "statementType", bytes_processed::text as "bytesProcessed",
        bytes_billed::text as "bytesBilled", slot_ms::text as "slotMs", rows::text as rows,
        cache_hit as "cacheHit", child_jobs as "childJobs", started_at as "startedAt",
        ended_at as "endedAt"
      from usages where ${column} = $1 order by id`,
      [id],
    )
    return rows.map((row) => ({
      ...row,
      bytesProcessed: exact(row.bytesProcessed),
      bytesBilled: exact(row.bytesBilled),
      slotMs: exact(row.slotMs),
      rows: exact(row.rows),
    }))
  }

  return {
    async begin(by, { kind, project, location, job, replacement }) {
      await pool.query(
        `insert into usages (attempt_id, task_id, retries, polls, kind, project, location, job, replacement)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (project, job) do update set
          location = coalesce(excluded.location, usages.location),
          state = case usages.state when 'not_run' then 'running' else usages.state end,
          reason = case usages.state when 'not_run' then null else usages.reason end,
          ended_at = case usages.state when 'not_run' then null else usages.ended_at end`,
        [
          by.attemptId,
          by.taskId,
          by.retries,
          by.polls,
          kind,
          project,
          location ?? null,
          job,
          replacement,
        ],
      )
    },
    async end({ project, job }, end) {
      await pool.query(
        `update usages set state = $3, reason = $4, location = coalesce($5, location),
          started_at = coalesce($6, started_at), ended_at = coalesce($7, ended_at, now()),
          statement_type = $8, bytes_processed = $9, bytes_billed = $10, slot_ms = $11, rows = $12,
          cache_hit = $13, child_jobs = $14
        where project = $1 and job = $2 and state in ('running', 'unknown')`,
        [
          project,
          job,
          end.state,
          end.reason,
          end.location ?? null,
          end.startedAt ?? null,
          end.endedAt ?? null,
          end.statementType ?? null,
          end.bytesProcessed ?? null,
          end.bytesBilled ?? null,
          end.slotMs ?? null,
          end.rows ?? null,
          end.cacheHit ?? null,
          end.childJobs ?? null,
        ],
      )
    },
    ofAttempt: (id) => read('attempt_id', id),
    ofTask: (id) => read('task_id', id),
    claimLeft: (most) =>
      rowsOf<LeftJob>(
        pool,
        `with due as (
          select u.id, a.project_id, t.config
          from usages u join attempts a on a.id = u.attempt_id join tasks t on t.id = u.task_id
          where u.state = 'running' and u.kind = 'bigquery'
            and (u.checked_at is null or
              u.checked_at < now() - make_interval(secs => least(2 * 2 ^ least(u.checks, 10), 300)))
            and (u.ended_at is not null
              or a.cancel_requested or a.finished_at is not null or t.retries > u.retries
              or t.state in ('success', 'error', 'group_error', 'canceled')
              or t.outcome ->> 'kind' = 'failed')
          order by u.checked_at nulls first, u.id limit $1
          for update of u skip locked)
        update usages u set checked_at = now(), checks = checks + 1
        from due where u.id = due.id
        returning u.id, u.project, u.location, u.job, due.project_id as "projectId",
          extract(epoch from now() - u.started_at)::float8 as "ageSeconds",
          due.config -> '_secrets' as mounts`,
        [most],
      ),
  }
}
