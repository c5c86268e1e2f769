import { ApplicationFailure, setCurrentDetails, workflowInfo } from '@temporalio/workflow'
import type { OpenedAttempt } from '../activities.ts'
import type { AttemptId } from '../domain/ids.ts'
import { withoutStack } from '../domain/without-stack.ts'
import { CanceledError, TaskFailedError } from '../engine/runtime.ts'
import { conclude } from './conclude.ts'
import type { Steps } from './steps.ts'

/** Opens the attempt and hands it on; an attempt that cannot be opened is closed as failed. `steps`: those of its workflow. */
export async function opened(
  attemptId: AttemptId,
  steps: Steps,
  walk: (attempt: OpenedAttempt) => Promise<void>,
): Promise<void> {
  let attempt: OpenedAttempt
  try {
    attempt = await steps.ask('openAttempt', {
      attemptId,
      ...(steps.named ? { workflowId: workflowInfo().workflowId } : {}),
    })
  } catch (error) {
    if (error instanceof CanceledError) return conclude(attemptId, { state: 'canceled' }, steps)
    if (error instanceof TaskFailedError) {
      if (error.elsewhere) {
        throw withoutStack(ApplicationFailure.nonRetryable(error.message, 'RunElsewhere'))
      }
      return conclude(attemptId, { state: 'error', failure: error.message }, steps)
    }
    throw error
  }
  setCurrentDetails(`${attempt.project}/${attempt.workflow} ${attempt.sessionTime}: starting`)
  return walk(attempt)
}
