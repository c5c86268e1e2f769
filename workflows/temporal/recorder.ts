import { CancellationScope } from '@temporalio/workflow'
import type { StateChange } from '../activities.ts'
import type { AttemptId } from '../domain/ids.ts'
import { local } from './proxies.ts'

/** Writes state changes behind the walk's back, all of one moment together. */
export interface Recorder {
  readonly record: (change: StateChange) => void
  /** Resolves when everything recorded so far is written. */
  readonly settled: () => Promise<void>
}

/** Most changes written by one activity; keeps a payload well below Temporal's limit. */
const batchSize = 500

export function createRecorder(attemptId: AttemptId): Recorder {
  let pending: StateChange[] = []
  let writing: Promise<void> | undefined

  // A killed attempt still has to record that its tasks were canceled.
  const write = async (): Promise<void> => {
    // The changes of this moment come together before the first write starts.
    await Promise.resolve()
    while (pending.length > 0) {
      const changes = pending.slice(0, batchSize)
      pending = pending.slice(batchSize)
      await CancellationScope.nonCancellable(() =>
        local.recordStates.executeWithOptions({ summary: 'record states' }, [
          { attemptId, changes },
        ]),
      )
    }
    writing = undefined
  }

  return {
    record(change) {
      pending.push(change)
      writing ??= write()
    },
    async settled() {
      while (writing !== undefined) await writing
    },
  }
}
