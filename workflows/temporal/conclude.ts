import { ApplicationFailure, CancellationScope, CancelledFailure } from '@temporalio/workflow'
import type { AttemptId } from '../domain/ids.ts'
import type { TreeEnd } from '../engine/run-tree.ts'
import { local } from './proxies.ts'
import type { Recorder } from './recorder.ts'

/** Type of the failure that a failed attempt's workflow ends with. */
export const attemptFailed = 'AttemptFailed'

/**
 * Writes the attempt's end, also for a killed one, then ends the workflow the same way, so that
 * Temporal's own list shows Completed, Failed or Canceled.
 */
export async function conclude(
  attemptId: AttemptId,
  end: TreeEnd,
  recorder: Recorder,
): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    await recorder.settled()
    await local.closeAttempt({ attemptId, state: end.state })
  })
  if (end.state === 'canceled') throw new CancelledFailure('The attempt was killed')
  if (end.state === 'error') {
    throw ApplicationFailure.nonRetryable(end.failure ?? 'A task failed', attemptFailed)
  }
}
