import type { AttemptEnded } from '#activities/index.ts'
import type { StartWorkflow } from '#services/shared/start-workflow.ts'
import type { Attempts } from '#store/attempts.ts'

/** Starts the next attempt of a backfill once the one before has ended; what fails here is the API's sweep's to start. */
export const createStartNext =
  (attempts: Pick<Attempts, 'waitingFor'>, startWorkflow: StartWorkflow): AttemptEnded =>
  (ended) => {
    const start = async (): Promise<void> => {
      for (const next of await attempts.waitingFor(ended)) await startWorkflow(next)
    }
    start().catch(() => undefined)
  }
