import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client'
import type { Attempts } from '#store/attempts.ts'
import type { Attempt } from '#store/types.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import { attemptWorkflowId } from '#workflows/contract.ts'
import { attemptStartOptions } from '#services/shared/start-attempt.ts'
import { TemporalUnavailable } from '../errors.ts'
import type { Log } from '#services/shared/log.ts'
import { unavailable } from '#services/shared/unavailable.ts'
import { withPatience } from './patience.ts'

/** Starts and cancels the workflows of attempts that the store has accepted. */
export interface AttemptControl {
  /** Never fails: what Temporal does not take now, the sweep starts later. */
  start(attempt: Attempt): Promise<void>
  /** For an attempt whose cancellation the store has recorded. */
  cancel(attempt: Attempt): Promise<void>
}

export interface AttemptControlNeeds {
  readonly client: Client
  readonly attempts: Pick<Attempts, 'markStarted' | 'finish'>
  readonly log: Log
}

export function createAttemptControl({
  client,
  attempts,
  log,
}: AttemptControlNeeds): AttemptControl {
  const begin = async (attempt: Attempt): Promise<void> => {
    const sessionTime = formatSessionTime(attempt.sessionTime, attempt.timezone)
    try {
      await withPatience(client, () =>
        client.workflow.start(attempt.workflowType, attemptStartOptions(attempt, sessionTime)),
      )
    } catch (error) {
      // Started before, but we were interrupted before writing it down.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
    await attempts.markStarted(attempt.id)
  }

  const cancelWorkflow = async (attempt: Attempt): Promise<void> => {
    const handle = client.workflow.getHandle(attemptWorkflowId(attempt.id))
    if (await withPatience(client, () => cancelIfRunning(handle))) return
    // Terminated from outside, or past Temporal's retention: nobody else will write the end.
    await attempts.finish(attempt.id, false)
  }

  return {
    async start(attempt) {
      try {
        await begin(attempt)
        // Killed while it waited for its start: the workflow opens and closes it properly.
        if (attempt.cancelRequested) await cancelWorkflow(attempt)
      } catch (error) {
        log.warn({ err: error, attempt: attempt.id }, 'attempt not started yet; will try again')
      }
    },

    async cancel(attempt) {
      try {
        if (attempt.startedAt === null) await begin(attempt)
        await cancelWorkflow(attempt)
      } catch (error) {
        if (!unavailable(error)) throw error
        throw new TemporalUnavailable('The kill is noted; ask again to deliver it')
      }
    },
  }
}

/** Temporal accepts the cancellation of a closed workflow in silence, so its state is asked for as well. */
async function cancelIfRunning(handle: WorkflowHandle): Promise<boolean> {
  try {
    await handle.cancel()
    const { status } = await handle.describe()
    return status.name === 'RUNNING'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}
