import type { Pool } from 'pg'
import type { AttemptId, ProjectId, TaskId } from '#workflows/domain/ids.ts'
import type { Json } from '#workflows/domain/json.ts'
import { rowsOf } from './queryable.ts'

/** A job of BigQuery, and the try of a task that it belongs to. */
export interface StartedJob {
  readonly attemptId: AttemptId
  readonly taskId: TaskId
  readonly retries: number
  /** BigQuery's project, not ours. */
  readonly project: string
  readonly location?: string | undefined
  readonly job: string
}

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

export interface Jobs {
  /** Before anybody is asked to run it; told again it only learns its location. */
  begin(job: StartedJob): Promise<void>
  /** All jobs of that try were seen to have ended. */
  endOf(taskId: TaskId, retries: number): Promise<void>
  /**
   * Jobs without a known end whose attempt was killed or has ended, or whose task has gone on without them.
   * Each is given to one asker at a time, and more and more seldom.
   */
  claimLeft(most: number): Promise<readonly LeftJob[]>
  end(id: number): Promise<void>
}

export function createJobs(pool: Pool): Jobs {
  return {
    async begin({ attemptId, taskId, retries, project, location, job }) {
      await pool.query(
        `insert into jobs (attempt_id, task_id, retries, project, location, job)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (project, job) do update set location = coalesce(excluded.location, jobs.location)`,
        [attemptId, taskId, retries, project, location ?? null, job],
      )
    },
    async endOf(taskId, retries) {
      await pool.query(
        'update jobs set ended_at = now() where task_id = $1 and retries = $2 and ended_at is null',
        [taskId, retries],
      )
    },
    claimLeft: (most) =>
      rowsOf<LeftJob>(
        pool,
        `with due as (
          select j.id, a.project_id, t.config
          from jobs j join attempts a on a.id = j.attempt_id join tasks t on t.id = j.task_id
          where j.ended_at is null
            and (j.checked_at is null or
              j.checked_at < now() - make_interval(secs => least(2 * 2 ^ least(j.checks, 10), 300)))
            and (a.cancel_requested or a.finished_at is not null or t.retries > j.retries
              or t.state in ('success', 'error', 'group_error', 'canceled')
              or t.outcome ->> 'kind' = 'failed')
          order by j.checked_at nulls first, j.id limit $1
          for update of j skip locked)
        update jobs j set checked_at = now(), checks = checks + 1
        from due where j.id = due.id
        returning j.id, j.project, j.location, j.job, due.project_id as "projectId",
          extract(epoch from now() - j.started_at)::float8 as "ageSeconds",
          due.config -> '_secrets' as mounts`,
        [most],
      ),
    async end(id) {
      await pool.query('update jobs set ended_at = now() where id = $1', [id])
    },
  }
}
