import type { Actor, StartReason } from '#workflows/domain/actor.ts'
import type { TaskErrorCode } from '#workflows/domain/task-error.ts'
import type {
  AttemptId,
  ProjectId,
  RevisionId,
  ScheduleId,
  SessionId,
  TaskId,
  WorkflowId,
} from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { RetryRule } from '#workflows/domain/retry.ts'
import type { TaskState } from '#workflows/domain/task-state.ts'
import type { ScheduleDefinition, WorkflowDefinition } from '#workflows/dig/definition.ts'

/** Rows as the store answers them; one type for each noun. */

export interface Project {
  readonly id: ProjectId
  readonly name: string
  /** Name of the latest revision. */
  readonly revision: string
  readonly archiveMd5: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly deletedAt: Date | null
}

export interface Revision {
  readonly id: RevisionId
  readonly projectId: ProjectId
  readonly name: string
  readonly archiveMd5: string
  readonly createdAt: Date
  /** When retention took its files away. */
  readonly archiveRemovedAt: Date | null
}

export interface Workflow {
  readonly id: WorkflowId
  readonly name: string
  readonly projectId: ProjectId
  readonly projectName: string
  readonly revisionId: RevisionId
  readonly revision: string
  readonly timezone: string
  /** Temporal workflow type. */
  readonly workflowType: string
  readonly config: JsonObject
  readonly definition: WorkflowDefinition
  /** Of the definition: `workflow-format.ts`. */
  readonly format: number
  /** When retention took the files of its revision away. */
  readonly archiveRemovedAt: Date | null
}

export interface Schedule {
  readonly id: ScheduleId
  readonly projectId: ProjectId
  readonly projectName: string
  readonly workflowId: WorkflowId
  readonly workflowName: string
  readonly definition: ScheduleDefinition
  readonly nextRunTime: Date
  readonly nextSessionTime: Date
  readonly lastSessionTime: Date | null
  /** Somebody asked for what is to run up to then: it runs however late it is. */
  readonly runUntil: Date | null
  readonly disabledAt: Date | null
  /** Null where that was before it was written down. */
  readonly disabledBy: Actor | null
  /** Hash of what Temporal stores of it; null while Temporal has to be informed. */
  readonly inLineAs: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface Resume {
  readonly mode: 'failed' | 'from'
  readonly attemptId: AttemptId
  /** End of the full name of the task to start from; only for mode `from`. */
  readonly from?: string
}

/** Temporal fails to go on with an attempt: its workflow task fails again and again. */
export interface Stall {
  /** ISO instant of the first failure in a row. */
  readonly since: string
  readonly tries: number
  readonly message: string
}

export interface Attempt {
  readonly id: AttemptId
  /** Of its workflow in Temporal; it never changes. */
  readonly temporalId: string
  readonly index: number
  readonly sessionId: SessionId
  readonly sessionUuid: string
  readonly sessionTime: Date
  readonly projectId: ProjectId
  readonly projectName: string
  readonly workflowId: WorkflowId
  readonly workflowName: string
  readonly workflowType: string
  readonly timezone: string
  readonly retryAttemptName: string | null
  readonly params: JsonObject
  readonly resume: Resume | null
  /** Null of an attempt that was started before this was written down; so is `reason`. */
  readonly actor: Actor | null
  readonly reason: StartReason | null
  readonly cancelRequested: boolean
  /** Who killed it. */
  readonly canceledBy: Actor | null
  readonly stalled: Stall | null
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly success: boolean | null
  /** When retention took its logs away, and its tasks. */
  readonly logsRemovedAt: Date | null
  readonly tasksRemovedAt: Date | null
}

export interface Session {
  readonly id: SessionId
  readonly uuid: string
  readonly projectId: ProjectId
  readonly projectName: string
  readonly workflowName: string
  /** Workflow of the last attempt. */
  readonly workflowId: WorkflowId | null
  readonly timezone: string
  readonly sessionTime: Date
  readonly lastAttempt: Attempt | null
}

export interface Task {
  readonly id: TaskId
  readonly attemptId: AttemptId
  readonly parentId: TaskId | null
  readonly fullName: string
  readonly name: string
  readonly round: number
  /** Null for a group. */
  readonly operator: string | null
  readonly config: JsonObject
  readonly exports: JsonObject
  readonly stored: JsonObject
  readonly resetParams: readonly string[]
  /** Exported by the operator at run time. */
  readonly exported: JsonObject
  readonly upstreams: readonly TaskId[]
  readonly retry: RetryRule | null
  readonly state: TaskState
  readonly version: number
  readonly retries: number
  readonly outcome: JsonObject | null
  readonly operatorState: JsonObject
  /** `{message, …}` of the last failure. */
  readonly error: JsonObject | null
  readonly errorCode: TaskErrorCode | null
  readonly retryAt: Date | null
  readonly resumed: boolean
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly updatedAt: Date
  /** The process that runs it, or ran it and ended. */
  readonly worker: string | null
}

/** A task to insert; children are inserted with it. */
export interface NewTask {
  readonly name: string
  readonly operator?: string
  readonly config: JsonObject
  readonly exports: JsonObject
  /** Places of the siblings inserted together with it that must succeed first. */
  readonly upstreams: readonly number[]
  /** Tasks that are there already and must succeed first. */
  readonly upstreamIds?: readonly TaskId[]
  readonly retry?: RetryRule
  readonly children: readonly NewTask[]
  readonly round?: number
  /** Taken over as success from another attempt's task. */
  readonly resumedFrom?: TaskId
}

export interface LogFile {
  readonly id: number
  readonly attemptId: AttemptId
  readonly taskId: TaskId
  readonly fullName: string
  /** Which worker wrote it. */
  readonly agent: string
  readonly createdAt: Date
}

/** What a try of a task uses, or has used, outside of Suiro: for now a job of BigQuery. */
export interface Usage {
  readonly id: number
  /** Null when retention took the task away. */
  readonly taskId: TaskId | null
  /** The logical try, 0 for the first. */
  readonly retries: number
  /** How often this try had asked to be called again before. */
  readonly polls: number
  /** How many jobs of the same try, which BigQuery could not carry out, came before it. */
  readonly replacement: number
  readonly kind: 'bigquery'
  /** BigQuery's project, not ours. */
  readonly project: string
  readonly location: string | null
  readonly job: string
  /** `not_run`: refused, so it never was. `unknown`: nobody can say any more whether and how it ended. */
  readonly state: 'running' | 'succeeded' | 'failed' | 'canceled' | 'not_run' | 'unknown'
  /** The service's own word for why it did not succeed. */
  readonly reason: string | null
  readonly statementType: string | null
  readonly bytesProcessed: bigint | null
  readonly bytesBilled: bigint | null
  readonly slotMs: bigint | null
  /** Changed, loaded, or answered. */
  readonly rows: bigint | null
  readonly cacheHit: boolean | null
  /** Statements of a script; what they used is in its own figures. */
  readonly childJobs: number | null
  readonly startedAt: Date
  readonly endedAt: Date | null
}
