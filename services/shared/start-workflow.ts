import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client'
import type { Attempts } from '#store/attempts.ts'
import type { Attempt } from '#store/types.ts'
import { attemptStart } from '#workflows/attempt-start.ts'
import { withPatience } from './patience.ts'
import type { Startable } from './startable.ts'

/** Starts the workflow of an accepted attempt, unless it was started; throws when Temporal does not take it now. */
export type StartWorkflow = (attempt: Attempt) => Promise<void>

/** How `createStartWorkflow` starts. */
interface StartOptions {
  /** The client has the connection of a worker that takes the first workflow task with the answer, where it has room. */
  readonly eager?: boolean
}

export function createStartWorkflow(
  client: Client,
  attempts: Pick<Attempts, 'markStarted'>,
  startable: Startable,
  { eager = false }: StartOptions = {},
): StartWorkflow {
  return async (attempt) => {
    try {
      const { eagerlyStarted } = await withPatience(client, () =>
        client.workflow.start(attempt.workflowType, {
          ...attemptStart(startable(attempt)),
          taskQueue: 'control',
          // An id is never used twice.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          ...(eager ? { requestEagerStart: true } : {}),
        }),
      )
      // It opens right here. If it does not, for an accident, the sweep asks again, which is harmless.
      if (eagerlyStarted) return
    } catch (error) {
      // Started before, but somebody was interrupted before writing it down.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    }
    await attempts.markStarted(attempt.id)
  }
}
