import type { AttemptId, ProjectId, SessionId, WorkflowId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Attempt, Resume } from './types.ts'

export interface NewAttempt {
  readonly workflowId: WorkflowId
  readonly sessionTime: Date
  readonly retryAttemptName?: string
  readonly params: JsonObject
  readonly resume?: Resume
  readonly idempotencyKey?: string
}

export interface Attempts {
  /**
   * Inserts session (unless it is there) and attempt in one transaction. `created` is false, and the
   * attempt the one that stands there already, when the session has an attempt of that retry name, or
   * when the idempotency key was used before (`reason` says which).
   */
  start(attempt: NewAttempt): Promise<
    | { readonly created: true; readonly attempt: Attempt }
    | {
        readonly created: false
        readonly reason: 'session-exists' | 'idempotency-key'
        readonly attempt: Attempt
      }
  >
  find(id: AttemptId): Promise<Attempt | undefined>
  /** Newest first. */
  list(filter: {
    readonly projectId?: ProjectId
    readonly workflowName?: string
    readonly sessionId?: SessionId
    /** Also attempts that were followed by another one of the same session. */
    readonly includeRetried: boolean
    readonly lastId?: AttemptId
    readonly count: number
  }): Promise<readonly Attempt[]>
  /** Temporal accepted the attempt's workflow. */
  markStarted(id: AttemptId): Promise<void>
  /** Inserted longer than `olderThanSeconds` ago, but Temporal never said it took them. */
  unstarted(olderThanSeconds: number): Promise<readonly Attempt[]>
  /** Also flags the attempt's unfinished tasks. False when the attempt is finished. */
  requestCancel(id: AttemptId): Promise<boolean>
  /** Once: a finished attempt stays as it is. */
  finish(id: AttemptId, success: boolean): Promise<void>
  /** Session time of the latest attempted session of the workflow before `before`, if any. */
  lastExecutedSessionTime(
    projectId: ProjectId,
    workflowName: string,
    before: Date,
  ): Promise<Date | undefined>
  /** Whether any attempt of the workflow is unfinished. */
  anyRunning(projectId: ProjectId, workflowName: string): Promise<boolean>
}
