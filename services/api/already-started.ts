import type { Attempt } from '#store/types.ts'
import { presentAttempt } from './schemas/attempt.ts'

/**
 * What a start is answered with when its session has an attempt of that name: that attempt, as with Digdag, and in words that
 * nothing was started and how it is run again.
 */
export function alreadyStarted(attempt: Attempt) {
  const shown = presentAttempt(attempt)
  return { ...shown, message: sentence(attempt, shown), code: 'ATTEMPT_EXISTS' as const }
}

function sentence(
  { projectName, workflowName, retryAttemptName }: Attempt,
  { id, status, sessionTime }: ReturnType<typeof presentAttempt>,
): string {
  const named = retryAttemptName === null ? '' : ` of the name "${retryAttemptName}"`
  const again = `To run the session again, send a "retryAttemptName" that none of its attempts has`
  const resume =
    status === 'error' || status === 'killed'
      ? `; with "resume": {"mode": "failed", "attemptId": "${id}"} beside it, tasks that succeeded are not run again`
      : ''
  return `Nothing was started: the session ${sessionTime} of ${projectName}/${workflowName} has attempt ${id}${named} (${status}) already. ${again}${resume}`
}
