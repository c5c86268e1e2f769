import type { Pool } from 'pg'
import type { TaskId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { TaskErrorCode } from '#workflows/domain/task-error.ts'
import { rowsOf } from './queryable.ts'

/** A try of a task that another one followed. */
export interface EndedTry {
  /** How many came before it. */
  readonly retries: number
  /** `group_error`: what hung on the task failed, not its operator. */
  readonly state: 'error' | 'group_error'
  readonly startedAt: Date
  readonly endedAt: Date
  readonly error: JsonObject | null
  readonly errorCode: TaskErrorCode | null
}

export interface TaskTries {
  /** All but the one that the task's row tells of, the first one first. */
  before(id: TaskId): Promise<readonly EndedTry[]>
}

export const createTaskTries = (pool: Pool): TaskTries => ({
  before: (id) =>
    rowsOf<EndedTry>(
      pool,
      `select retries, state, started_at as "startedAt", ended_at as "endedAt", error, error_code as "errorCode"
      from task_tries where task_id = $1 order by retries`,
      [id],
    ),
})

/**
 * Keeps what a task's row tells of the try before the one that begins. `$1` the task, `$2` the version, `$3` the number
 * of the try that begins. It ended when its state last changed: it waits since then.
 */
export const keepTryBefore = `
  insert into task_tries (task_id, retries, state, started_at, ended_at, error, error_code)
  select id, retries,
    case when error is null and state in ('planned', 'group_retry_waiting') then 'group_error' else 'error' end,
    started_at, updated_at, error, error_code
  from tasks where id = $1 and version < $2 and retries < $3 and started_at is not null
  on conflict do nothing`
