import type { AcceptAttempt } from '#store/accept-attempt.ts'
import type { Store } from '#store/index.ts'
import { formatSessionTime, scheduleParams } from '#workflows/calendar/index.ts'
import { attemptPrefix } from '#workflows/contract.ts'

/**
 * The one way to an attempt, for the API, for `require>` and for a schedule. What the schedule says of the sessions around
 * is stronger than parameters of the same names that are asked for. Temporal is informed by whoever asked, or by the sweep.
 */
export const createAcceptAttempt =
  ({ attempts }: { readonly attempts: Pick<Store['attempts'], 'start'> }): AcceptAttempt =>
  ({ workflow, ...wanted }) => {
    const params = { ...wanted.params, ...scheduleParams(workflow.definition, wanted.sessionTime) }
    const { id, name, projectName, timezone } = workflow
    const at = formatSessionTime(wanted.sessionTime, timezone)
    return attempts.start({
      ...wanted,
      workflowId: id,
      params,
      temporalPrefix: attemptPrefix(projectName, name, at),
    })
  }
