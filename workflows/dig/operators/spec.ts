import type { TaskQueue } from '../../domain/task-queues.ts'

/** What a push knows of an operator: one of the table, or one that a team wrote itself. */
export interface OperatorSyntax {
  readonly name: string
  /** Parameters it reads beside its command; absent where any name may be one. */
  readonly options?: readonly string[]
  /** Key of the mapping with its defaults, which may also be written in an `_export`. */
  readonly defaults?: string
  /** Other mappings of an `_export` that it reads. */
  readonly inherits?: readonly string[]
  /** Options that mean something to others (BigQuery, Digdag) and that it refuses or ignores. */
  readonly refusedOptions?: readonly string[]
  /** Parameters that may hold the path of a file in which it evaluates `${…}`; any parameter may be named there. */
  readonly rendersFile?: readonly string[]
  /** Whether it fails without a command. */
  readonly needsCommand?: boolean
  /** Which of `_do` and `_else_do` it runs. */
  readonly bodies?: readonly ('_do' | '_else_do')[]
  /** Whether it makes tasks, so that `_parallel` says how they run. */
  readonly makesTasks?: boolean
  /** What `_retry` beside it runs again when it fails: itself, only the tasks that it made, nothing. */
  readonly retry: 'task' | 'subtasks' | 'none'
  /** Whether it starts a process, which `_env` is for. */
  readonly runsCommand?: boolean
}

/** Options by name, each with a few words for the page of operators. */
export type OptionTexts = Readonly<Record<string, string>>

/**
 * Where an operator runs. What only steers or renders runs in a step, a local activity beside the workflow, which
 * costs a tenth of a remote one; what touches the world waits for a slot on the task queue of its resource.
 */
export type Placement = 'step' | TaskQueue

/** All that is to be said of one of Suiro's operators, but for what it does. */
export interface OperatorSpec extends Omit<OperatorSyntax, 'name' | 'options'> {
  readonly summary: string
  readonly runsOn: Placement
  /** Patterns of the secret keys it may read, e.g. `pg.*`; `*` alone is every key. */
  readonly secrets: readonly string[]
  readonly options?: OptionTexts
}
