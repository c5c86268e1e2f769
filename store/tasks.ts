import type { StateChange } from '#workflows/activities.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { JobUsage, NewTask, Task } from './types.ts'

/** What a finished run of a task leaves behind. */
export interface TaskEnd {
  readonly state: 'success' | 'planned' | 'error' | 'retry_waiting' | 'canceled'
  readonly version: number
  readonly retries: number
  readonly outcome?: JsonObject
  readonly stored?: JsonObject
  readonly resetParams?: readonly string[]
  readonly exported?: JsonObject
  readonly error?: JsonObject
  readonly retryAt?: Date
  readonly usage?: JobUsage
}

export interface Tasks {
  /**
   * Inserts tasks below `parentId` (null: the root) with all their children, in one transaction, in
   * depth-first order of ids. A task that is there already (same parent, name, round) is answered as
   * it is and nothing is inserted below it, so a repeated call changes nothing.
   * Answers the rows of the whole inserted trees, in order of their ids.
   */
  insert(
    attemptId: AttemptId,
    parentId: TaskId | null,
    tasks: readonly NewTask[],
    options?: { readonly initial?: boolean },
  ): Promise<readonly Task[]>
  find(id: TaskId): Promise<Task | undefined>
  findMany(ids: readonly TaskId[]): Promise<readonly Task[]>
  /** All tasks of an attempt, in order of their ids. */
  ofAttempt(attemptId: AttemptId): Promise<readonly Task[]>
  children(parentId: TaskId): Promise<readonly Task[]>
  /** The task and everything below it, in order of their ids. */
  subtree(id: TaskId): Promise<readonly Task[]>
  /** State running; sets `started_at` when this try has none. Ignored when `version` is not newer. */
  begin(id: TaskId, at: { readonly version: number; readonly retries: number }): Promise<void>
  /** The end of one run. Ignored when the recorded version is newer. */
  end(id: TaskId, end: TaskEnd): Promise<void>
  /** State changes decided by the workflow, in one statement; older versions change nothing. */
  record(attemptId: AttemptId, changes: readonly StateChange[]): Promise<void>
  /** An operator's own progress; kept until the task's next logical try. */
  saveOperatorState(id: TaskId, retries: number, state: JsonObject): Promise<void>
  recordUsage(id: TaskId, usage: JobUsage): Promise<void>
}
