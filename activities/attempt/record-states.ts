import type { Activities } from '#workflows/activities.ts'
import type { Store } from '#store/index.ts'
import { taskFailure } from '../failure.ts'
import { keepMerged } from './layers.ts'

/** What a batch may take through Temporal's history of what its tasks stored. */
const mostStored = 128 * 1024

/** Bookkeeping that no operator runs for. */
export function createRecordStates(
  store: Store,
): Pick<Activities, 'recordStates' | 'mergeLayers' | 'storedParams'> {
  return {
    recordStates: ({ attemptId, changes }) => store.tasks.record(attemptId, changes),
    mergeLayers: ({ attemptId, layers }) => keepMerged(store, attemptId, layers),
    async storedParams({ taskId }) {
      const task = await store.tasks.find(taskId)
      if (task === undefined) throw taskFailure(`Task ${taskId} does not exist`)
      const length = Buffer.byteLength(JSON.stringify(task.stored))
      if (length > mostStored) {
        throw taskFailure(
          `Task ${task.fullName} stored ${length} bytes; a batch can read up to ${mostStored}`,
        )
      }
      return task.stored
    },
  }
}
