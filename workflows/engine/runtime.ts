import type { RunTaskInput, TaskFailure, TaskOutcome } from '../activities.ts'
import type { AddTasksInput } from '../activities.ts'
import type { Placement } from '../dig/operators/spec.ts'
import type { BranchEnd, BranchInput, ParamLayer, PlannedTask } from '../contract.ts'
import type { TaskId } from '../domain/ids.ts'
import type { TaskState } from '../domain/task-state.ts'

/** All the engine asks of the world: Temporal in production, a script in tests. */
export interface Runtime {
  /** Runs a task's operator; throws `TaskFailedError` when the task failed, `CanceledError` when killed. */
  runTask(
    task: { readonly placement: Placement; readonly fullName: string },
    input: Omit<RunTaskInput, 'attemptId'>,
  ): Promise<TaskOutcome>
  addTasks(input: Omit<AddTasksInput, 'attemptId'>): Promise<readonly PlannedTask[]>
  /** Runs a branch of a large group where it does not weigh on this history. */
  runBranch(branch: Omit<BranchInput, 'attemptId'>): Promise<BranchEnd>
  /** One layer that comes to the same as these. */
  mergeLayers(layers: readonly ParamLayer[]): Promise<ParamLayer>
  /** Records a state without waiting for it; changes of one task arrive in order of their version. */
  record(change: StateRecord): void
  /** Throws `CanceledError` when the attempt is killed meanwhile. */
  sleep(seconds: number): Promise<void>
  /** Rings once at that time, in milliseconds; not after it was stopped, or the attempt killed. */
  alarm(at: number): Alarm
  /** Says what is going on, for people. */
  report(progress: Progress): void
  /** Wall-clock milliseconds as the workflow sees them. */
  now(): number
}

/** How far an attempt, or a branch of it, has come: operator tasks only. */
export interface Progress {
  /** Full names. */
  readonly running: ReadonlySet<string>
  readonly finished: number
  /** What failed first. */
  readonly failed?: { readonly task: string; readonly message: string }
}

export interface Alarm {
  /** Resolves to whether it rang. */
  readonly rang: Promise<boolean>
  stop(): void
}

export interface StateRecord {
  readonly taskId: TaskId
  readonly state: TaskState
  readonly version: number
  readonly retryAt?: string
  readonly error?: string
}

/** The operator of a task failed. */
export class TaskFailedError extends Error {
  /** Seconds to wait when `_retry` grants another run. */
  readonly retryAfterSeconds: number | undefined
  /** Nothing around it may run it again. */
  readonly final: boolean
  /** The attempt is another workflow's. */
  readonly elsewhere: boolean

  constructor(message: string, { retryAfterSeconds, final, elsewhere }: TaskFailure = {}) {
    super(message)
    this.name = 'TaskFailedError'
    this.retryAfterSeconds = retryAfterSeconds
    this.final = final === true
    this.elsewhere = elsewhere === true
  }
}

/** The attempt was killed. */
export class CanceledError extends Error {
  constructor() {
    super('The attempt was killed')
    this.name = 'CanceledError'
  }
}

/** Answers `canceled` when the attempt is killed while it runs. */
export async function unlessCanceled<Result>(
  run: () => Promise<Result>,
  canceled: Result,
): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof CanceledError) return canceled
    throw error
  }
}
