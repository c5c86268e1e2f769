import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { Attempts } from '#store/attempts.ts'
import type { Attempt } from '#store/types.ts'
import { attemptStart } from '#workflows/attempt-start.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { together } from './together.ts'
import { withPatience } from './patience.ts'

/** Starts the workflow of an accepted attempt, unless it was started; throws when Temporal does not take it now. */
export type StartWorkflow = (attempt: Attempt) => Promise<void>

/**
 * How long after its start an attempt is marked as started, in milliseconds: by then most have begun, and are, and those of
 * a moment cost one statement. One that is not marked for an accident is asked for again by the sweep, which is harmless.
 */
const markAfterMs = 100

/** `eager`: the client has the connection of a worker that takes the first workflow task with the answer, where it has room. */
export function createStartWorkflow(
  client: Client,
  attempts: Pick<Attempts, 'markStarted'>,
  { eager = false }: { readonly eager?: boolean } = {},
): StartWorkflow {
  const markStarted = together<AttemptId>(markAfterMs, (ids) => attempts.markStarted(ids))
  return async (attempt) => {
    const { id, projectName, workflowName, sessionTime, timezone, retryAttemptName } = attempt
    const options = attemptStart({
      attemptId: id,
      project: projectName,
      workflow: workflowName,
      sessionTime: formatSessionTime(sessionTime, timezone),
      retryAttemptName,
      ...(attempt.reason === 'backfill' ? { backfill: true } : {}),
    })
    try {
      await withPatience(client, () =>
        client.workflow.start(attempt.workflowType, {
          ...options,
          taskQueue: 'control',
          // An id is never used twice.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          ...(eager ? { requestEagerStart: true } : {}),
        }),
      )
    } catch (error) {
      // Started before, but somebody was interrupted before writing it down.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
    markStarted(id).catch(() => undefined)
  }
}
