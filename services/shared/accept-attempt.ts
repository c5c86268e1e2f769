import type { AcceptAttempt } from '#store/attempts.ts'
import type { Store } from '#store/index.ts'
import { scheduleParams } from '#workflows/calendar/index.ts'

/**
 * The one way to an attempt, for the API, for `require>` and for a schedule's tick. The schedule's own parameters are
 * weaker than those that are asked for. Temporal is informed by whoever asked, or by the sweep.
 */
export const createAcceptAttempt =
  ({ attempts }: Pick<Store, 'attempts'>): AcceptAttempt =>
  ({ workflow, ...wanted }) => {
    const params = { ...scheduleParams(workflow.definition, wanted.sessionTime), ...wanted.params }
    return attempts.start({ ...wanted, workflowId: workflow.id, params })
  }
