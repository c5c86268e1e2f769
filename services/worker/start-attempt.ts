import type { StartAttempt } from '#activities/index.ts'
import type { AcceptAttempt } from '#store/accept-attempt.ts'
import type { StartWorkflow } from '#services/shared/start-workflow.ts'
import { unavailable } from '#services/shared/unavailable.ts'

/**
 * Accepts an attempt and starts its workflow, for `require>`. If this process dies between the two, or Temporal is
 * away, the API's sweep starts it.
 */
export const createStartAttempt =
  (accept: AcceptAttempt, startWorkflow: StartWorkflow): StartAttempt =>
  async (request) => {
    const started = await accept(request)
    if (!started.created) return started
    try {
      await startWorkflow(started.attempt)
    } catch (error) {
      if (!unavailable(error)) throw error
    }
    return started
  }
