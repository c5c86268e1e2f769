import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client'
import type { Attempts } from '#store/attempts.ts'
import type { Attempt } from '#store/types.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { createSlots } from '#workflows/domain/slots.ts'
import { together } from './together.ts'
import { withPatience } from '#services/shared/patience.ts'
import type { StartWorkflow } from '#services/shared/start-workflow.ts'
import { TemporalUnavailable } from '../errors.ts'
import type { Log } from '#services/shared/log.ts'
import { unavailable } from '#services/shared/unavailable.ts'

/** Starts and cancels the workflows of attempts that the store has accepted. */
export interface AttemptControl {
  /** Of an attempt that was just asked for: a worker that hears of it starts it; if none does in a moment, it is started here. */
  accepted(attempt: Attempt): void
  /** Never fails: what Temporal does not take now, the sweep starts later. Asked twice at once, it starts once. */
  start(attempt: Attempt): Promise<void>
  /** Resolves when nothing is being started. */
  settled(): Promise<void>
  /** For an attempt whose cancellation the store has recorded. */
  cancel(attempt: Attempt): Promise<void>
}

export interface AttemptControlNeeds {
  readonly client: Client
  readonly startWorkflow: StartWorkflow
  readonly attempts: Pick<Attempts, 'finish' | 'untaken'>
  readonly log: Log
}

/** A worker that hears of an attempt has taken it by then, in milliseconds. */
const leftToWorkersMs = 1_000

/** Workflows that are being started at a time: more would only wait in Temporal. */
const mostAtOnce = 20

export function createAttemptControl({
  client,
  startWorkflow,
  attempts,
  log,
}: AttemptControlNeeds): AttemptControl {
  const slot = createSlots(mostAtOnce)
  const starting = new Map<AttemptId, Promise<void>>()

  const cancelWorkflow = async (attempt: Attempt): Promise<void> => {
    const handle = client.workflow.getHandle(attempt.temporalId)
    if (await withPatience(client, () => cancelIfRunning(handle))) return
    // Terminated from outside, or past Temporal's retention: nobody else will write the end.
    await attempts.finish(attempt.id, false)
  }

  const begin = async (attempt: Attempt): Promise<void> => {
    try {
      await startWorkflow(attempt)
      // Killed while it waited for its start: the workflow opens and closes it properly.
      if (attempt.cancelRequested) await cancelWorkflow(attempt)
    } catch (error) {
      log.warn({ err: error, attempt: attempt.id }, 'attempt not started yet; will try again')
    }
  }

  const start = (attempt: Attempt): Promise<void> => {
    const begun = starting.get(attempt.id)
    if (begun !== undefined) return begun
    const start = slot(() => begin(attempt)).finally(() => starting.delete(attempt.id))
    starting.set(attempt.id, start)
    return start
  }

  const leave = together<AttemptId>(leftToWorkersMs, async (ids) => {
    for (const attempt of await attempts.untaken(ids)) void start(attempt)
  })
  const left = new Set<Promise<void>>()

  return {
    accepted({ id }) {
      // What cannot be looked for now, the sweep finds.
      const leaving = leave(id).catch(() => undefined)
      left.add(leaving)
      void leaving.finally(() => left.delete(leaving))
    },
    start,
    async settled() {
      await Promise.all(left)
      await Promise.all(starting.values())
    },

    async cancel(attempt) {
      try {
        if (attempt.startedAt === null) {
          await starting.get(attempt.id)
          await startWorkflow(attempt)
        }
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
