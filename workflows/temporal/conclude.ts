import { ApplicationFailure, CancellationScope, CancelledFailure } from '@temporalio/workflow'
import type { AttemptId } from '../domain/ids.ts'
import type { TreeEnd } from '../engine/run-tree.ts'
import { TaskFailedError } from '../engine/runtime.ts'
import type { Steps } from './steps.ts'

/** Type of the failure that a failed attempt's workflow ends with. */
export const attemptFailed = 'AttemptFailed'

/**
 * Writes the attempt's end, also for a killed one, then ends the workflow the same way, so that
 * Temporal's own list shows Completed, Failed or Canceled.
 */
export async function conclude(attemptId: AttemptId, end: TreeEnd, steps: Steps): Promise<void> {
  const { state } = end
  // The step writes the states recorded so far before it closes the attempt.
  try {
    await CancellationScope.nonCancellable(() => steps.ask('closeAttempt', { attemptId, state }))
  } catch (error) {
    // The watch over attempts whose workflow has ended writes the end then.
    if (!(error instanceof TaskFailedError)) throw error
  }
  if (end.state === 'canceled') throw new CancelledFailure('The attempt was killed')
  if (end.state === 'error') {
    throw ApplicationFailure.nonRetryable(end.failure ?? 'A task failed', attemptFailed)
  }
}
