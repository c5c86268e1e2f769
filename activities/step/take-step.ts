import { Context } from '@temporalio/activity'
import type { StateChange } from '#workflows/activities.ts'
import type { WorkerActivities } from '#workflows/step.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { createSlots } from '#workflows/domain/slots.ts'
import type { StepAnswer, StepCall, StepInput, StepResult } from '#workflows/step.ts'
import { linkSignals } from '../linked-signal.ts'
import { attempted, runCall, type Callable } from './run-call.ts'

/** What a step may carry, and how the states of tasks are written. */
export interface StepDeps extends Callable {
  readonly recordStates: (input: {
    readonly attemptId: AttemptId
    readonly changes: readonly StateChange[]
  }) => Promise<void>
}

/** How long a step may take, in milliseconds. */
export interface StepTimes {
  /** After this no call is begun. */
  readonly beginMs: number
  /** After this a call is stopped. */
  readonly stopMs: number
  /** After this nobody waits for a call that does not stop. */
  readonly leaveMs: number
}

const usual: StepTimes = { beginMs: 500, stopMs: 1_200, leaveMs: 1_700 }

/** Calls of all steps of a process that are under way at a time: more would only wait for PostgreSQL. */
const mostAtOnce = 60

/** Answers of one step, as JSON, are stored in one event of the history. */
const longestAnswers = 256 * 1024

// N1. Every call has one answer, whatever happens; a step itself does not fail.
// N2. A call may be made again, by a step that nobody saw the end of or whose answer had no room.
// N3. An attempt is closed when the states that came with the step are written.

/** The activity behind `StepInput`: runs its calls side by side and answers them all. */
export function createTakeStep(
  deps: StepDeps,
  { beginMs, stopMs, leaveMs }: StepTimes = usual,
): WorkerActivities['takeStep'] {
  const slot = createSlots(mostAtOnce)

  return async ({ attemptId, calls, changes }: StepInput): Promise<StepResult> => {
    const began = performance.now()
    const passed = (): number => performance.now() - began
    const linked = linkSignals(Context.current().cancellationSignal)
    const { signal } = linked
    const stopping = setTimeout(() => linked.abort(new Error('The step is over')), stopMs)
    const left = leaveAfter(leaveMs)

    const record = (): Promise<void> => deps.recordStates({ attemptId, changes })
    const recording = changes.length === 0 ? Promise.resolve(true) : written(record)
    const recorded = Promise.race([recording, left.then(() => false)])

    const one = async (call: StepCall, place: number): Promise<StepAnswer> => {
      const { key } = call
      if (call.activity === 'closeAttempt' && !(await recorded)) return { key, kind: 'outage' }
      let begun = false
      const running = slot(async (): Promise<StepAnswer> => {
        // However late it is, the first one is begun: each step gets something done.
        if (signal.aborted || (place > 0 && passed() > beginMs)) return { key, kind: 'later' }
        begun = true
        return runCall(deps, call, signal)
      })
      // Where every slot is held by calls that do not stop, something of ours is away.
      const late = left.then((): StepAnswer => ({ key, kind: begun ? whenLate(call) : 'outage' }))
      return Promise.race([running, late])
    }

    try {
      const answers = await Promise.all(calls.map(one))
      return {
        answers: withRoom(answers),
        recorded: await recorded,
        milliseconds: Math.round(passed()),
      }
    } finally {
      clearTimeout(stopping)
      linked.release()
      left.clear()
    }
  }
}

/** Whether the states are written; those that cannot be written at all hold nobody up. */
async function written(record: () => Promise<void>): Promise<boolean> {
  const answer = await attempted(record)
  if (answer.kind !== 'failed') return answer.kind === 'done'
  Context.current().log.error(`States of tasks are not recorded: ${answer.message}`)
  return true
}

/** A task that does not even stop goes on a queue, where it has time; anything else waits for something of ours. */
const whenLate = ({ activity }: StepCall): 'long' | 'outage' =>
  activity === 'runTask' ? 'long' : 'outage'

function leaveAfter(milliseconds: number): Promise<void> & { clear(): void } {
  let timer: NodeJS.Timeout | undefined
  const left = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  return Object.assign(left, { clear: () => clearTimeout(timer) })
}

/** The first answers in full, as far as there is room; the others are asked for again. */
function withRoom(answers: readonly StepAnswer[]): readonly StepAnswer[] {
  let length = 0
  return answers.map((answer, place) => {
    length += JSON.stringify(answer).length
    return place > 0 && length > longestAnswers ? { key: answer.key, kind: 'later' } : answer
  })
}
