import type { WalkedTask } from '#workflows/contract.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { runTree, type TreeEnd } from '#workflows/engine/run-tree.ts'
import { TaskFailedError, type Runtime, type StateRecord } from '#workflows/engine/runtime.ts'
import {
  stepCall,
  type StepAnswer,
  type StepCall,
  type Stepped,
  type SteppedInput,
  type SteppedResult,
  type WalkedAhead,
} from '#workflows/step.ts'

/** What a walk ahead may do with the world. */
export interface AheadDeps {
  /** Makes a call as the step does, within its time. */
  readonly carry: (call: StepCall) => Promise<StepAnswer>
  /** Writes state changes; answers whether they are written. */
  readonly record: (changes: readonly StateRecord[]) => Promise<boolean>
}

/** Calls of one walk ahead: as many as a step carries. */
const mostCalls = 200

// A1. The walk is the workflow's own, over the same tree, so the workflow comes to wish for the same calls, also
//     where a kill has come meanwhile.
// A2. What only Temporal can do ends a path of the walk: it waits there for ever, and goes with the step.
// A3. The attempt is closed when its whole tree has ended and all states of it are written.

/**
 * Walks an attempt that has just been opened as far as a step can bring it. A short attempt is over with the step that
 * opens it, where each of its tasks would have been a step of its own.
 */
export async function walkAhead(
  attemptId: AttemptId,
  root: WalkedTask,
  { carry, record }: AheadDeps,
): Promise<WalkedAhead> {
  const answers: StepAnswer[] = []
  const changes: StateRecord[] = []
  let calls = 0
  let underWay = 0
  const still = Promise.withResolvers<void>()
  // What an answer lets go on has gone on when the event loop comes round.
  const look = (): unknown => setImmediate(() => underWay === 0 && still.resolve())

  const keep = (answer: StepAnswer): void => {
    if (answer.kind !== 'later' && answer.kind !== 'outage') answers.push(answer)
  }
  const ask: Ask = <Name extends Stepped>(
    activity: Name,
    input: SteppedInput<Name>,
    name?: string,
  ) =>
    new Promise<SteppedResult<Name>>((resolve, reject) => {
      if (calls === mostCalls) return
      calls += 1
      underWay += 1
      const answered = (answer: StepAnswer): void => {
        keep(answer)
        if (answer.kind === 'done') resolve(answer.result as SteppedResult<Name>)
        if (answer.kind === 'failed') reject(new TaskFailedError(answer.message, answer))
      }
      void carry(stepCall(activity, input, name))
        .then(answered)
        .finally(() => {
          underWay -= 1
          look()
        })
    })

  let end: TreeEnd | undefined
  const walked = runTree(root, createRuntime(attemptId, ask, changes))
  // What it did not foresee stops the workflow itself, at the same place.
  walked.then((how) => (end = how)).catch(() => undefined)
  look()
  await still.promise

  if (!(await record(changes))) return { answers, recorded: [] }
  if (end !== undefined) {
    const { state } = end
    keep(await carry(stepCall('closeAttempt', { attemptId, state })))
  }
  return { answers, recorded: changes.map(({ taskId, version }) => [taskId, version]) }
}

type Ask = <Name extends Stepped>(
  activity: Name,
  input: SteppedInput<Name>,
  name?: string,
) => Promise<SteppedResult<Name>>

/** The engine's world, as far as a step has it. */
function createRuntime(attemptId: AttemptId, ask: Ask, changes: StateRecord[]): Runtime {
  const never = <Result>(): Promise<Result> => new Promise(() => undefined)
  return {
    runTask: ({ placement, fullName }, about) =>
      placement === 'step' ? ask('runTask', { attemptId, ...about }, fullName) : never(),
    addTasks: (input) => ask('addTasks', { attemptId, ...input }),
    mergeLayers: (layers) => ask('mergeLayers', { attemptId, layers }),
    runBranch: never,
    record: (change) => changes.push(change),
    sleep: never,
    alarm: () => ({ rang: never(), stop: () => undefined }),
    report: () => undefined,
    now: Date.now,
  }
}
