import { DeterminismViolationError } from '@temporalio/workflow'
import type { AttemptInput } from '../contract.ts'
import type { TaskId } from '../domain/ids.ts'
import type { JsonObject } from '../domain/json.ts'
import { runAfterFailure } from '../engine/after-failure.ts'
import { noLayers } from '../engine/layers.ts'
import { createWalk, type TreeEnd } from '../engine/run-tree.ts'
import { CanceledError } from '../engine/runtime.ts'
import type { Walk } from '../engine/walk.ts'
import type { OpenedAttempt } from '../activities.ts'
import { conclude } from '../temporal/conclude.ts'
import { opened } from '../temporal/opened.ts'
import { createTemporalRuntime } from '../temporal/runtime.ts'
import type { BatchDefinition } from './definition.ts'
import { BatchTaskError, createBatchRun, type BatchRun } from './batch-run.ts'

/** What a batch's body is given. */
export interface Batch<Params extends JsonObject> extends BatchRun {
  /** The defaults, with the attempt's own parameters over them. */
  readonly params: Params
  /** With the workflow's offset, e.g. `2001-01-05T00:00:00+09:00`. */
  readonly sessionTime: string
}

/** Makes a Temporal workflow out of a batch's body. */
export function batch<Params extends JsonObject>(
  { definition }: BatchDefinition<Params>,
  body: (run: Batch<Params>) => Promise<void>,
): (input: AttemptInput) => Promise<void> {
  return async ({ attemptId }) => {
    await opened(attemptId, async (attempt, steps) => {
      const walk = createWalk(createTemporalRuntime(attemptId, steps))
      const readStored = (taskId: TaskId) =>
        steps.ask('storedParams', String(taskId), { taskId }, taskId)
      const params = { ...definition.defaults, ...attempt.params }
      const { root, sessionTime } = attempt
      const place = { parent: root.id, fullName: root.name, layers: noLayers }
      const run = createBatchRun(walk, place, readStored)
      const end = await runBody(walk, attempt, () => body({ ...run, params, sessionTime }))
      await conclude(attemptId, end, steps)
    })
  }
}

/**
 * Walks the batch's body to its end. What its code throws that is not a task's failure fails the attempt
 * with its words: to try the same code again would bring the same.
 */
async function runBody(
  walk: Walk,
  { root }: OpenedAttempt,
  body: () => Promise<void>,
): Promise<TreeEnd> {
  const { track } = walk
  track.record(root.id, 'planned')
  try {
    await body()
    track.record(root.id, 'success')
    return { state: 'success' }
  } catch (error) {
    const killed = error instanceof CanceledError
    if (error instanceof DeterminismViolationError) throw error
    if (!killed) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      if (!(error instanceof BatchTaskError)) track.failed(root.name, { message, final: false })
      const at = { fullName: root.name, isRoot: true, layers: noLayers }
      if (await runAfterFailure(walk, root, at)) {
        track.record(root.id, 'group_error')
        return { state: 'error', failure: track.firstFailure ?? message }
      }
    }
    track.record(root.id, 'canceled')
    return { state: 'canceled' }
  }
}
