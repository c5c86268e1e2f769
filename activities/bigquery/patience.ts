import { setTimeout as sleep } from 'node:timers/promises'
import { CallFailure } from './api.ts'
import { advice, type Trouble } from './failure-reasons.ts'
import { growingWait } from '#workflows/domain/growing-wait.ts'

/** How long and how often BigQuery is asked again; tests use shorter ones. */
export interface Pace {
  readonly firstPollMs: number
  readonly longestPollMs: number
  /** Wait before a call that failed is repeated; doubled each time. */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** How long calls may go on failing before the task does. */
  readonly outageMs: number
  /** How long a job that exists may not be found yet. */
  readonly missingMs: number
  /** How long a kill waits for the job to stop; afterwards the sweep goes on with it. */
  readonly stopMs: number
  /** How often a job that failed for a passing reason is replaced by a new one. */
  readonly replacements: number
}

export const usualPace: Pace = {
  firstPollMs: 300,
  longestPollMs: 15_000,
  firstRetryMs: 1_000,
  // Together with a call's own time limit below the minute after which a silent worker is given up.
  longestRetryMs: 20_000,
  outageMs: 600_000,
  missingMs: 200_000,
  stopMs: 3_000,
  replacements: 3,
}

/** What a waiting task needs: to be woken when it is killed, and to say that it is alive. */
export interface Waiting {
  readonly pace: Pace
  /** Absent while cleaning up after a kill. */
  readonly signal?: AbortSignal
  readonly alive: () => void
  /** Called for calls that fail for long. */
  readonly trouble?: (failure: CallFailure) => void
}

/** Ends at once, with the signal's reason, when the signal is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** What a promise comes to, or the abort's reason when that is earlier: a call may hang. */
export async function within<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  promise.catch(() => undefined)
  let stop = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Wait before the next try, after `tries` failed ones. */
export const backOff = (pace: Pace, tries: number, trouble: Trouble): number => {
  const first = pace.firstRetryMs * (advice(trouble) === 'slowly' ? 5 : 1)
  return growingWait({ first, most: pace.longestRetryMs }, tries - 1)
}

/** Repeats a call that is safe to repeat until the service answers it, one way or the other. */
export async function untilAnswered<Answer>(
  call: () => Promise<Answer>,
  { pace, signal, alive, trouble }: Waiting,
  /** Failures that may pass, with how long to hope beyond the usual. */
  hope: (failure: CallFailure) => number = () => 0,
): Promise<Answer> {
  const since = Date.now()
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted()
    alive()
    try {
      return await (signal === undefined ? call() : within(call(), signal))
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error
      const usual = advice(error.trouble) === 'never' ? 0 : pace.outageMs
      const patience = Math.max(usual, hope(error))
      const wait = backOff(pace, tries, error.trouble)
      if (Date.now() - since + wait > patience) throw error
      // Now and then: after 4 tries, 8, 16 and so on.
      if (tries >= 4 && Number.isInteger(Math.log2(tries))) trouble?.(error)
      await pause(wait, signal)
    }
  }
}
