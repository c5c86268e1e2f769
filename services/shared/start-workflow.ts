import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { Attempts } from '#store/attempts.ts'
import type { Attempt } from '#store/types.ts'
import { attemptStart } from '#workflows/attempt-start.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import { withPatience } from './patience.ts'

/** Starts the workflow of an accepted attempt, unless it was started; throws when Temporal does not take it now. */
export type StartWorkflow = (attempt: Attempt) => Promise<void>

export const createStartWorkflow =
  (client: Client, attempts: Pick<Attempts, 'markStarted'>): StartWorkflow =>
  async (attempt) => {
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
        }),
      )
    } catch (error) {
      // Started before, but somebody was interrupted before writing it down.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
    await attempts.markStarted(id)
  }
