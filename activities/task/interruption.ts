import { CancelledFailure } from '@temporalio/activity'
import { OperatorError } from '../failure.ts'
import { linkSignals } from '../linked-signal.ts'

/**
 * Why a run was interrupted: `killed` ends the task, `overdue` fails it, `moved` ends only this try of
 * it, because its worker shuts down or Temporal counts it as lost; another worker then goes on.
 */
export type Interruption = 'killed' | 'overdue' | 'moved'

export function interruptionOf(signal: AbortSignal): Interruption | undefined {
  if (!signal.aborted) return undefined
  const reason: unknown = signal.reason
  if (reason instanceof OverdueError) return 'overdue'
  // Temporal's other words for it: WORKER_SHUTDOWN, TIMED_OUT, NOT_FOUND, RESET, PAUSED.
  return reason instanceof CancelledFailure && reason.message !== 'CANCELLED' ? 'moved' : 'killed'
}

/**
 * Aborts at a kill, or when the run takes too long, only: for what must not be begun a second time, and
 * so is finished when its worker shuts down.
 */
export function killSignal(signal: AbortSignal): AbortSignal {
  const killed = new AbortController()
  const look = (): void => {
    if (!signal.aborted) return
    if (interruptionOf(signal) !== 'moved') killed.abort(signal.reason)
  }
  look()
  signal.addEventListener('abort', look, { once: true })
  return killed.signal
}

/** The longest that one run of a task may take, as Digdag's `task_ttl`: a day. */
export const longestRun = 24 * 60 * 60 * 1000

/** A task ran longer than it may. */
class OverdueError extends OperatorError {}

/** A signal that aborts with another one, or when a run takes too long; `stop` ends the watch. */
export function withLimit(
  signal: AbortSignal,
  milliseconds: number,
): { readonly signal: AbortSignal; stop(): void } {
  const limited = linkSignals(signal)
  const timer = setTimeout(() => {
    const hours = Math.round(milliseconds / 3_600_000)
    limited.abort(
      new OverdueError(`The task ran longer than the ${hours} hours that a task may take`, {
        code: 'TIMEOUT',
      }),
    )
  }, milliseconds).unref()
  return {
    signal: limited.signal,
    stop() {
      clearTimeout(timer)
      limited.release()
    },
  }
}
