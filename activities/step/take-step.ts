import { Context } from '@temporalio/activity'
import type { OpenedAttempt, StateChange, TaskOutcome } from '#workflows/activities.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { excerpt } from '#workflows/domain/cut.ts'
import { createSlots } from '#workflows/domain/slots.ts'
import type {
  StepAnswer,
  StepCall,
  StepInput,
  StepResult,
  WalkedAhead,
  WorkerActivities,
} from '#workflows/step.ts'
import { linkSignals } from '../linked-signal.ts'
import { attempted, runCall, type Callable } from './run-call.ts'
import { walkAhead } from './walk-ahead.ts'

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

  return async ({ attemptId, calls, changes, ahead }: StepInput): Promise<StepResult> => {
    const began = performance.now()
    const passed = (): number => performance.now() - began
    const linked = linkSignals(Context.current().cancellationSignal)
    const { signal } = linked
    const stopping = setTimeout(() => linked.abort(new Error('The step is over')), stopMs)
    const left = leaveAfter(leaveMs)

    const record = async (states: readonly StateChange[]): Promise<boolean> => {
      if (states.length === 0) return true
      const recording = written(() => deps.recordStates({ attemptId, changes: states }))
      return Promise.race([recording, left.then(() => false)])
    }
    const recorded = record(changes)

    const tasks: string[] = []
    const one = async (call: StepCall, place: number): Promise<StepAnswer> => {
      const answer = await answerOf(call, place)
      if (call.name !== undefined && tasks.length < mostShown) tasks.push(shown(call.name, answer))
      return answer
    }
    const answerOf = async (call: StepCall, place: number): Promise<StepAnswer> => {
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

    /** The walk of the attempt that the step opened, where it may go on at once. */
    const walked = async (answers: readonly StepAnswer[]): Promise<WalkedAhead | undefined> => {
      const opened = ahead === true ? openedBy(calls, answers) : undefined
      // When it is late decides what runs, and only its workflow has a clock for that.
      if (opened === undefined || opened.lateAt !== undefined) return undefined
      const carry = (call: StepCall): Promise<StepAnswer> => one(call, 1)
      return walkAhead(attemptId, opened.root, { carry, record })
    }

    try {
      const hasRoom = createRoom()
      // The first one in full whatever it is; those without room are asked for again.
      const answers = (await Promise.all(calls.map(one))).map((answer, place) =>
        hasRoom(answer) || place === 0 ? answer : ({ key: answer.key, kind: 'later' } as const),
      )
      const further = await walked(answers)
      return {
        answers,
        recorded: await recorded,
        milliseconds: Math.round(passed()),
        ...(tasks.length === 0 ? {} : { tasks }),
        ...(further === undefined
          ? {}
          : { ahead: { ...further, answers: further.answers.filter(hasRoom) } }),
      }
    } finally {
      clearTimeout(stopping)
      linked.release()
      left.clear()
    }
  }
}

/** Tasks that a step shows people who click on it. */
const mostShown = 20

function shown(name: string, answer: StepAnswer): string {
  if (answer.kind === 'failed') return `${name} failed: ${excerpt(answer.message, 500)}`
  const again = answer.kind === 'done' && (answer.result as TaskOutcome).kind === 'again'
  return `${name} ${again ? 'waits' : answer.kind}`
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

/** What the step learned of an attempt that it opened. */
function openedBy(
  calls: readonly StepCall[],
  answers: readonly StepAnswer[],
): OpenedAttempt | undefined {
  const answer = answers[calls.findIndex(({ activity }) => activity === 'openAttempt')]
  return answer?.kind === 'done' ? (answer.result as OpenedAttempt) : undefined
}

/** The room that a step's answers have in the history, of which each takes some. */
function createRoom(): (answer: StepAnswer) => boolean {
  let length = 0
  return (answer) => {
    length += JSON.stringify(answer).length
    return length <= longestAnswers
  }
}
