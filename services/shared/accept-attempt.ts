import type { NewAttempt, StartedAttempt } from '#store/attempts.ts'
import type { Store } from '#store/index.ts'
import type { Workflow } from '#store/types.ts'
import { scheduleParams } from '#workflows/calendar/index.ts'

/** What is asked for: which workflow's session, with what parameters, by whom and why. */
export interface AttemptRequest extends Omit<NewAttempt, 'workflowId'> {
  readonly workflow: Pick<Workflow, 'id' | 'definition'>
}

/** Accepts an attempt: from the moment it is in the store it will run, whoever is interrupted then. */
export type AcceptAttempt = (request: AttemptRequest) => Promise<StartedAttempt>

/**
 * The one way to an attempt, for the API, for `require>` and for a schedule's tick. The schedule's own parameters are
 * weaker than those that are asked for. Temporal is told by whoever asked, or by the sweep.
 */
export const createAcceptAttempt =
  ({ attempts }: Pick<Store, 'attempts'>): AcceptAttempt =>
  ({ workflow, ...wanted }) => {
    const params = { ...scheduleParams(workflow.definition, wanted.sessionTime), ...wanted.params }
    return attempts.start({ ...wanted, workflowId: workflow.id, params })
  }
