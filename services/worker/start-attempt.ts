import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { StartAttempt } from '#activities/index.ts'
import { unavailable } from '#services/shared/unavailable.ts'
import { attemptStartOptions } from '#services/shared/start-attempt.ts'
import type { Store } from '#store/index.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'

/**
 * Inserts an attempt and starts its workflow, for `require>`. If this process dies between the two, or
 * Temporal is away, the API's sweep starts it.
 */
export const createStartAttempt =
  (store: Pick<Store, 'attempts'>, client: Client): StartAttempt =>
  async (attempt) => {
    const started = await store.attempts.start(attempt)
    if (!started.created) return started
    const { id, sessionTime, timezone, workflowType } = started.attempt
    const options = attemptStartOptions(started.attempt, formatSessionTime(sessionTime, timezone))
    try {
      await client.workflow.start(workflowType, { ...options, args: [...options.args] })
    } catch (error) {
      if (unavailable(error)) return started
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
    await store.attempts.markStarted(id)
    return started
  }
