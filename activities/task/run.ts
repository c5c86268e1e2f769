import type { RunTaskInput } from '#workflows/activities.ts'
import type { Store } from '#store/index.ts'
import type { Task } from '#store/types.ts'
import type { AttemptFacts, FindFacts } from '../attempt/facts.ts'
import type { FindResumption } from '../attempt/resume.ts'
import type { Expressions } from '../expression/evaluate.ts'
import type { TaskLog } from '../log/task-log.ts'
import type { Archives } from '../project/archives.ts'
import type { RunFiles } from '../project/project-files.ts'
import type { Mask } from '../secrets/mask.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Operator } from './operator.ts'

export interface RunTaskDeps {
  readonly store: Store
  readonly facts: FindFacts
  readonly resumptions: FindResumption
  readonly operators: ReadonlyMap<string, Operator>
  readonly expressions: Expressions
  readonly archives: Archives
  readonly agent: string
  readonly temporary?: string
  /** Of what one run of a task prints; absent: defaultLogBytes. */
  readonly logBytes?: number
}

/** Who calls: Temporal, or the step that carries this task among others. */
export interface RunContext {
  readonly cancellationSignal: AbortSignal
  readonly heartbeat: (details?: unknown) => void
  /** `attempt`: how often this very call was made, from 1 on. `taskQueue`: where it was sent, unless it goes with a step. */
  readonly info: {
    readonly isLocal: boolean
    readonly attempt: number
    readonly taskQueue?: string
  }
}

/** One run of a task, and all that it needs. */
export interface Run {
  readonly deps: RunTaskDeps
  readonly input: RunTaskInput
  readonly facts: AttemptFacts
  readonly task: Task
  readonly log: TaskLog
  readonly mask: Mask
  readonly files: RunFiles
  readonly heartbeat: Heartbeat
  readonly signal: AbortSignal
  /** How often Temporal, or a step, has made this call. */
  readonly tries: number
  /** A step makes it, and whoever goes on with it writes its log anew. */
  readonly inStep: boolean
  /** Resolves when the row says that the task runs. */
  readonly begun: Promise<void>
  /** Rejects when the task is not to be run any more. */
  readonly admitted: Promise<void>
}
