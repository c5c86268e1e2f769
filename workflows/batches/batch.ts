import type { AttemptInput } from '../contract.ts'
import type { JsonObject } from '../domain/json.ts'
import { runAfterFailure } from '../engine/after-failure.ts'
import { noLayers } from '../engine/layers.ts'
import { createWalk, type TreeEnd } from '../engine/run-tree.ts'
import { CanceledError } from '../engine/runtime.ts'
import type { Walk } from '../engine/walk.ts'
import type { OpenedAttempt } from '../activities.ts'
import { conclude } from '../temporal/conclude.ts'
import { opened } from '../temporal/opened.ts'
import { local } from '../temporal/proxies.ts'
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
    await opened(attemptId, async (attempt, recorder) => {
      const walk = createWalk(createTemporalRuntime(attemptId, recorder))
      const params = { ...definition.defaults, ...attempt.params }
      const end = await runBody(walk, attempt, (run) =>
        body({ ...run, params, sessionTime: attempt.sessionTime }),
      )
      await conclude(attemptId, end, recorder)
    })
  }
}

async function runBody(
  walk: Walk,
  { root }: OpenedAttempt,
  body: (run: BatchRun) => Promise<void>,
): Promise<TreeEnd> {
  const { track } = walk
  const place = { parent: root.id, fullName: root.name, layers: noLayers }
  track.record(root.id, 'planned')
  try {
    await body(createBatchRun(walk, place, (taskId) => local.storedParams({ taskId })))
    track.record(root.id, 'success')
    return { state: 'success' }
  } catch (error) {
    if (error instanceof BatchTaskError) {
      const at = { fullName: root.name, isRoot: true, layers: noLayers }
      if (await runAfterFailure(walk, root, at)) {
        track.record(root.id, 'group_error')
        return { state: 'error', failure: track.firstFailure ?? error.message }
      }
    } else if (!(error instanceof CanceledError)) {
      throw error
    }
    track.record(root.id, 'canceled')
    return { state: 'canceled' }
  }
}
