import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskId } from '#workflows/domain/ids.ts'
import type { Task } from '#store/types.ts'
import type { WorkerDeaths } from '#store/worker-deaths.ts'
import { OperatorError } from '../failure.ts'

/** This process, from its start to its end. */
export const thisWorker = randomUUID()

const seenEveryMilliseconds = 5_000
/** Silent for so long, and for longer than between two signs while somebody looks, it is dead. */
const silentSeconds = 15
const watchedMilliseconds = 7_000

/** Whether a task may run here, after what became of the worker that had it before. */
export interface FormerWorker {
  /** Throws when the task is not to be tried again. */
  ask(task: Task, version: number, signal: AbortSignal): Promise<void>
  /** The task ended here without an end of its own: its worker gives it up in good order. */
  release(id: TaskId): Promise<void>
}

export function createFormerWorker(
  deaths: WorkerDeaths,
  agent: string,
  worker: string = thisWorker,
): FormerWorker {
  let beat: NodeJS.Timeout | undefined
  const showUp = (): void => {
    // Without the database nobody can look either, and the next sign is soon.
    const show = (): void => void deaths.seen(worker, agent).catch(() => undefined)
    if (beat === undefined) show()
    beat ??= setInterval(show, seenEveryMilliseconds).unref()
  }

  /** Looks for itself: the database may have been away, and every sign of life with it. */
  const isDead = async (former: string, signal: AbortSignal): Promise<boolean> => {
    const first = await deaths.lastSeen(former)
    const since = Date.now()
    for (;;) {
      const last = await deaths.lastSeen(former)
      if (last?.at.getTime() !== first?.at.getTime()) return false
      const silent = (last?.seconds ?? silentSeconds) >= silentSeconds
      if (silent && Date.now() - since >= watchedMilliseconds) return true
      await sleep(500, undefined, { signal })
    }
  }

  return {
    async ask(task, version, signal) {
      showUp()
      const former = task.worker
      if (former === null || former === worker || task.version !== version) return
      try {
        if (await isDead(former, signal)) await deaths.note(former)
        for (;;) {
          const verdict = await deaths.verdict({ id: task.id, version }, worker)
          if (verdict === 'refuse') throw endedWorkers()
          if (verdict === 'go on') return
          await sleep(2_000, undefined, { signal })
        }
      } catch (error) {
        signal.throwIfAborted()
        throw error
      }
    },
    release: (id) => deaths.release(id, worker),
  }
}

const endedWorkers = (): OperatorError =>
  new OperatorError(
    'Two workers ended without a word while they ran this task (this try ended the worker twice), so it is not given to a third. Most likely it needs more memory than a worker has: let it handle less at a time, or give the worker more',
    { final: true, code: 'WORKER_LOST' },
  )
