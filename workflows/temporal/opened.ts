import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  setCurrentDetails,
} from '@temporalio/workflow'
import { taskFailed, type OpenedAttempt } from '../activities.ts'
import type { AttemptId } from '../domain/ids.ts'
import { conclude } from './conclude.ts'
import { local } from './proxies.ts'
import { createRecorder, type Recorder } from './recorder.ts'

/** Opens the attempt and hands it on; an attempt that cannot be opened is closed as failed. */
export async function opened(
  attemptId: AttemptId,
  walk: (attempt: OpenedAttempt, recorder: Recorder) => Promise<void>,
): Promise<void> {
  const recorder = createRecorder(attemptId)
  let attempt: OpenedAttempt
  try {
    attempt = await local.openAttempt({ attemptId })
  } catch (error) {
    if (isCancellation(error)) return conclude(attemptId, { state: 'canceled' }, recorder)
    const cause = error instanceof ActivityFailure ? error.cause : error
    if (cause instanceof ApplicationFailure && cause.type === taskFailed) {
      return conclude(attemptId, { state: 'error', failure: cause.message }, recorder)
    }
    throw error
  }
  setCurrentDetails(`${attempt.project}/${attempt.workflow} ${attempt.sessionTime}: starting`)
  return walk(attempt, recorder)
}
