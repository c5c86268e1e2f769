import type { Log } from '#services/shared/log.ts'
import type { StartWorkflow } from '#services/shared/start-workflow.ts'
import type { Attempts } from '#store/attempts.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { createSlots } from '#workflows/domain/slots.ts'

export interface TakeStartsNeeds {
  readonly attempts: Pick<Attempts, 'take'>
  /** By the connection of this process's workers: Temporal then hands the first workflow task over with its answer. */
  readonly startWorkflow: StartWorkflow
  /** The one that runs here. */
  readonly version: string
  /** Whether Temporal has new attempts begin on it. */
  readonly inForce: () => boolean
  readonly log: Pick<Log, 'warn'>
}

/** Attempts that this process starts at a time. */
const mostAtOnce = 20
/** Those that wait here; beyond them the API starts the others, on whichever worker has room. */
const mostWaiting = 100

/**
 * Starts attempts whose ids it hears (channel `attempts`) and that nobody has taken. An attempt that begins where it is
 * started is spared the way through a task queue. What fails here is the API's to start.
 */
export function createTakeStarts(needs: TakeStartsNeeds): (payload: string) => void {
  const { attempts, startWorkflow, version, inForce, log } = needs
  const slot = createSlots(mostAtOnce)
  let waiting = 0
  const take = async (id: AttemptId): Promise<void> => {
    const attempt = await attempts.take(id, version)
    if (attempt !== undefined) await startWorkflow(attempt)
  }
  return (payload) => {
    const id = Number(payload) as AttemptId
    if (!Number.isSafeInteger(id) || waiting >= mostWaiting || !inForce()) return
    waiting += 1
    slot(() => take(id))
      .catch((err: unknown) => log.warn({ err, attempt: id }, 'attempt not started from here'))
      .finally(() => (waiting -= 1))
  }
}
