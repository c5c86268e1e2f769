import type { Activities, StateChange, TaskFailure } from './activities.ts'
import type { AttemptId, TaskId } from './domain/ids.ts'

/**
 * A step: the one call that carries everything light that an attempt wants at one moment. Why there is
 * only one, and never two at a time: docs/decisions/steps.md.
 */

/** The activities that go with a step. */
export type SteppedActivities = Pick<
  Activities,
  | 'openAttempt'
  | 'planBranch'
  | 'runTask'
  | 'addTasks'
  | 'mergeLayers'
  | 'storedParams'
  | 'closeAttempt'
>
export type Stepped = keyof SteppedActivities
export type SteppedInput<Name extends Stepped> = Parameters<SteppedActivities[Name]>[0]
export type SteppedResult<Name extends Stepped> = Awaited<ReturnType<SteppedActivities[Name]>>

/** One call of a step; `key` is its own within the workflow. */
export type StepCall = {
  readonly [Name in Stepped]: {
    readonly key: string
    readonly activity: Name
    readonly input: SteppedInput<Name>
    /** Of the task that it runs, in full: for people. */
    readonly name?: string
  }
}[Stepped]

type Names = {
  readonly [Name in Stepped]: (input: SteppedInput<Name>) => string | number
}

const names: Names = {
  openAttempt: () => '',
  planBranch: () => '',
  runTask: ({ taskId, retries, polls }) => `${taskId} ${retries} ${polls}`,
  addTasks: ({ parentId, what }) => `${parentId} ${JSON.stringify(what)}`,
  mergeLayers: ({ layers }) => JSON.stringify(layers),
  storedParams: ({ taskId }) => taskId,
  closeAttempt: ({ state }) => state,
}

/** A call of a step. What is wished for twice within a workflow has the same key, whoever walks the attempt. */
export function stepCall<Name extends Stepped>(
  activity: Name,
  input: SteppedInput<Name>,
  name?: string,
): StepCall {
  const key = `${activity} ${names[activity](input)}`
  // The activity and its input belong together: `Name` ties them.
  return { key, activity, input, ...(name === undefined ? {} : { name }) } as StepCall
}

export type StepAnswer = { readonly key: string } & (
  | { readonly kind: 'done'; readonly result: unknown }
  /** As a `TaskFailed` failure says it. */
  | ({ readonly kind: 'failed'; readonly message: string } & TaskFailure)
  /** A task that takes longer than a step may: it was stopped, and belongs on a task queue. */
  | { readonly kind: 'long' }
  /** Not begun for want of time, or its answer found no room: it goes with the next step. */
  | { readonly kind: 'later' }
  /** PostgreSQL, or another part of ours, does not answer: it goes with a step after a pause. */
  | { readonly kind: 'outage' }
)

/** How a workflow says that its history was written by other code: no worker of this version can go on. */
export const answeredByOtherCode = 'A step was answered by other code than asked it'

export interface StepInput {
  readonly attemptId: AttemptId
  /** Are begun in this order. */
  readonly calls: readonly StepCall[]
  /** State changes of tasks that no activity runs. */
  readonly changes: readonly StateChange[]
  /** The step that opens an attempt also walks it, as far as a step can bring it. */
  readonly ahead?: true
}

/** What a step did that its workflow had not asked for yet, but will, since both walk alike. */
export interface WalkedAhead {
  readonly answers: readonly StepAnswer[]
  /** State changes that are written: whose, and their version. */
  readonly recorded: readonly (readonly [TaskId, version: number])[]
}

export interface StepResult {
  /** One for each call. */
  readonly answers: readonly StepAnswer[]
  /** The state changes are written; otherwise they go with a step after a pause. */
  readonly recorded: boolean
  readonly milliseconds: number
  /** The tasks that it ran and how that ended, for people who click on it: the first of them. */
  readonly tasks?: readonly string[]
  readonly ahead?: WalkedAhead
}

/** All that a worker registers: what workflows ask for, and the call that carries what is light of it. */
export interface WorkerActivities extends Activities {
  /** Carries what is light of an attempt and wanted at one moment; answers within two seconds. */
  takeStep(input: StepInput): Promise<StepResult>
  /** The same, under whatever name a step goes by. */
  default(input: StepInput): Promise<StepResult>
}
