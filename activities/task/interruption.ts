import { CancelledFailure } from '@temporalio/activity'

/**
 * Why a run was interrupted: `killed` ends the task, `moved` only this try of it, because its worker
 * shuts down or Temporal counts it as lost; another worker then goes on.
 */
export type Interruption = 'killed' | 'moved'

export function interruptionOf(signal: AbortSignal): Interruption | undefined {
  if (!signal.aborted) return undefined
  const reason: unknown = signal.reason
  return reason instanceof CancelledFailure && reason.message === 'CANCELLED' ? 'killed' : 'moved'
}

/**
 * Aborts at a kill only: for what must not be begun a second time, and so is finished when its worker
 * shuts down.
 */
export function killSignal(signal: AbortSignal): AbortSignal {
  const killed = new AbortController()
  const look = (): void => {
    if (interruptionOf(signal) === 'killed') killed.abort(signal.reason)
  }
  look()
  signal.addEventListener('abort', look, { once: true })
  return killed.signal
}
