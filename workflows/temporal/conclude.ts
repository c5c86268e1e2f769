import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  upsertSearchAttributes,
} from '@temporalio/workflow'
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import type { AttemptState } from '../activities.ts'
import type { AttemptId } from '../domain/ids.ts'
import { withoutStack } from '../domain/without-stack.ts'
import type { TreeEnd } from '../engine/run-tree.ts'
import { TaskFailedError } from '../engine/runtime.ts'
import type { Steps } from './steps.ts'

/** Type of the failure that a failed attempt's workflow ends with. */
export const attemptFailed = 'AttemptFailed'

/**
 * Writes the attempt's end, also for a killed one, then ends the workflow the same way, so that
 * Temporal's own list shows Completed, Failed or Canceled. Of one that had ended before, that end counts: its workflow was
 * reset in Temporal's own UI, and nothing may be said there that is not so here.
 */
export async function conclude(attemptId: AttemptId, end: TreeEnd, steps: Steps): Promise<void> {
  const state = await closed(attemptId, end.state, steps)
  if (steps.named) upsertSearchAttributes([{ key: stateKey, value: stateWords[state] }])
  if (state === 'canceled') throw withoutStack(new CancelledFailure('The attempt was killed'))
  if (state === 'error') {
    throw withoutStack(
      ApplicationFailure.nonRetryable(end.failure ?? 'A task failed', attemptFailed),
    )
  }
}

/** The step writes the states recorded so far before it closes the attempt. Answers how the attempt has ended. */
async function closed(
  attemptId: AttemptId,
  state: AttemptState,
  steps: Steps,
): Promise<AttemptState> {
  try {
    const asked = () => steps.ask('closeAttempt', { attemptId, state })
    const answer = await CancellationScope.nonCancellable(asked)
    // Workers of the release before answer nothing.
    return (answer as typeof answer | null)?.state ?? state
  } catch (error) {
    // The watch over attempts whose workflow has ended writes the end then.
    if (!(error instanceof TaskFailedError)) throw error
    return state
  }
}

const stateKey = defineSearchAttributeKey('SuiroState', SearchAttributeType.KEYWORD)

const stateWords: Readonly<Record<AttemptState, string>> = {
  success: 'success',
  error: 'error',
  canceled: 'killed',
}
