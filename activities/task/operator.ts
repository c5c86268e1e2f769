import type { AttemptId, ProjectId, SessionId, TaskId } from '#workflows/domain/ids.ts'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import type { TaskQueue } from '#workflows/domain/task-queues.ts'
import type { UsageEnd, UsedResource } from '#store/usages.ts'
import type { Level } from '../log/line.ts'
import type { Print } from '../log/task-log.ts'
import type { ProjectFiles } from '../project/project-files.ts'
import type { TaskSecrets } from '../secrets/task-secrets.ts'
import type { Generated } from '../attempt/subtasks.ts'
import type { Config } from './config.ts'

/** One kind of task: what a `name>:` in a `.dig` file runs. */
export interface Operator {
  /** Without its `>`. */
  readonly name: string
  /** Patterns of the secret keys it may read, e.g. `pg.*`; `*` alone is every key. */
  readonly secrets: readonly string[]
  /** Whether `_retry` beside the operator repeats it on its own failure, as in Digdag. */
  readonly retries: boolean
  /** Names of the parameters it reads beside its command, for the checks of a push; absent: any. */
  readonly options?: readonly string[]
  /** Whether a parameter that it does not read is nobody's mistake. */
  readonly anyParameter?: boolean
  /** Task queue that it runs on; absent: `command`, with `sh>`. Fixed for an attempt when its tasks are planned. */
  readonly queue?: TaskQueue
  /** Throws `OperatorError` (activities/failure.ts) when the task failed. */
  run(context: OperatorContext): Promise<OperatorResult>
}

/** What one run of an operator is given. */
export interface OperatorContext<Key extends string = string> {
  readonly task: {
    readonly attemptId: AttemptId
    readonly sessionId: SessionId
    readonly sessionUuid: string
    readonly sessionTime: Date
    readonly projectId: ProjectId
    readonly projectName: string
    readonly workflowName: string
    /** Name of the attempt's revision. */
    readonly revision: string
    readonly fullName: string
    readonly taskId: TaskId
    /** Logical try: 0 for the first run, one more for each `_retry`. */
    readonly retries: number
    /** The workflow's. */
    readonly timezone: string
  }
  /** Typed reading of the evaluated parameters; a local key nobody reads is named in the log. */
  readonly config: Config<Key>
  /** The evaluated parameters as a whole; whoever asks for them has used every key. */
  readonly params: JsonObject
  readonly project: ProjectFiles
  /** Evaluates the `${…}` of a text, e.g. of a file. */
  readonly render: (text: string) => Promise<string>
  readonly secrets: TaskSecrets
  /** Takes the secrets read so far out of a text that is to be cut: half of one would no longer be found. */
  readonly mask: (text: string) => string
  /** What the task itself prints, for its log: a line, or several; secrets read so far are masked. */
  readonly log: (text: string) => void
  /** The same for output that may be long: wait for its promise before the next piece. */
  readonly print: Print
  /** A line of ours about the task, for the same log. */
  readonly say: (level: Level, text: string) => void
  /** Aborted when the attempt was killed, or the worker is shutting down. */
  readonly signal: AbortSignal
  readonly heartbeat: (details?: Json) => void
  /** The operator's own progress: survives a lost worker and polls, gone with the next logical try. */
  readonly state: {
    readonly value: JsonObject
    save(next: JsonObject): Promise<void>
  }
  /** Writes down what this try uses outside, so that its cost is found whatever becomes of the task. */
  readonly usage: {
    /** Before it is asked for. Whoever begins it sees to its end, or somebody does who looks after those left. */
    begin(resource: UsedResource): Promise<void>
    end(resource: Pick<UsedResource, 'project' | 'job'>, end: UsageEnd): Promise<void>
  }
  /** How often this try asked to be called again before. */
  readonly polls: number
}

/** What a successful run leaves behind. */
export interface OperatorResult extends Generated {
  /** Parameters for later tasks. */
  readonly stored?: JsonObject
  /** Stored keys to forget before `stored` is merged. */
  readonly resetParams?: readonly string[]
  /** Parameters for this task's own subtasks. */
  readonly exported?: JsonObject
  /** Not done yet: call again. */
  readonly again?: { readonly afterSeconds: number }
}
