import { DeterminismViolationError } from '@temporalio/workflow'
import type { AttemptInput, WalkedTask } from '../contract.ts'
import type { TaskId } from '../domain/ids.ts'
import { withPlainNumbers, type JsonObject } from '../domain/json.ts'
import { runAfterFailure } from '../engine/after-failure.ts'
import { createWalk, type TreeEnd } from '../engine/run-tree.ts'
import { CanceledError } from '../engine/runtime.ts'
import { watchSla } from '../engine/sla.ts'
import { ownLayers, type SlaWatch, type Walk } from '../engine/walk.ts'
import { conclude } from '../temporal/conclude.ts'
import { opened } from '../temporal/opened.ts'
import { createTemporalRuntime } from '../temporal/runtime.ts'
import { createSteps } from '../temporal/steps.ts'
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
  { defaults }: Pick<BatchDefinition<Params>, 'defaults'>,
  body: (run: Batch<Params>) => Promise<void>,
): (input: AttemptInput) => Promise<void> {
  return async ({ attemptId, backfill, namedSteps, page }) => {
    const named = namedSteps === true
    const steps = createSteps(attemptId, { named })
    await opened(attemptId, steps, async (attempt) => {
      const walk = createWalk(createTemporalRuntime(attemptId, steps, page))
      // A batch is JavaScript, and calculates with JavaScript's numbers.
      const readStored = async (taskId: TaskId) =>
        withPlainNumbers(await steps.ask('storedParams', { taskId }, { order: taskId }))
      const params = { ...defaults, ...withPlainNumbers(attempt.params) }
      const { root, sessionTime, lateAt } = attempt
      const place = { parent: root.id, fullName: root.name, layers: ownLayers(root) }
      const run = createBatchRun(walk, place, readStored)
      const sla =
        lateAt === undefined || backfill ? undefined : watchSla(walk, root, Date.parse(lateAt))
      const end = await runBody(walk, root, sla, () => body({ ...run, params, sessionTime }))
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
  root: WalkedTask,
  sla: SlaWatch | undefined,
  body: () => Promise<void>,
): Promise<TreeEnd> {
  const { track } = walk
  const canceled = (): TreeEnd => {
    track.record(root.id, 'canceled')
    return { state: 'canceled' }
  }
  const failed = async (why: string | undefined): Promise<TreeEnd> => {
    const at = { fullName: root.name, isRoot: true, layers: ownLayers(root) }
    if (!(await runAfterFailure(walk, root, at))) return canceled()
    if ((await sla?.settled()) === 'canceled') return canceled()
    track.record(root.id, 'group_error')
    const failure = track.firstFailure ?? why
    return { state: 'error', ...(failure === undefined ? {} : { failure }) }
  }

  track.record(root.id, 'planned')
  try {
    await body()
  } catch (error) {
    if (error instanceof DeterminismViolationError) throw error
    if (error instanceof CanceledError) return canceled()
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    if (!(error instanceof BatchTaskError)) track.failed(root.name, { message, final: false })
    return failed(message)
  }
  const late = await sla?.settled()
  if (late === 'canceled') return canceled()
  if (late === 'failed') return failed(undefined)
  track.record(root.id, 'success')
  return { state: 'success' }
}
