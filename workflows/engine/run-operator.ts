import type { TaskOutcome } from '../activities.ts'
import type { PlannedOperator } from '../contract.ts'
import { retryWait } from '../domain/retry.ts'
import { runAfterFailure } from './after-failure.ts'
import { extend, noLayers, type Layers } from './layers.ts'
import { placementOf } from './placement.ts'
import { CanceledError, TaskFailedError } from './runtime.ts'
import { runSiblings } from './siblings.ts'
import { waitForRetry } from './wait-for-retry.ts'
import type { Ended, Position, Walk } from './walk.ts'

type Done = Extract<TaskOutcome, { kind: 'done' }>

/** A task with an operator, and its place in the attempt. */
interface OperatorRun {
  readonly task: PlannedOperator
  readonly fullName: string
  readonly layers: Layers
}

// O1. `retries` counts logical tries only: a lost worker repeats a try, it does not use one up.
// O2. Generated tasks (`^sub`), then `^check`, run as children; if they fail, the operator itself runs again.
// O3. The state `error` is for a failed operator, `group_error` for one whose children failed.

/** Runs an operator task with everything that hangs on it. */
export async function runOperator(walk: Walk, task: PlannedOperator, at: Position): Promise<Ended> {
  const run: OperatorRun = { task, fullName: at.parentName + task.name, layers: at.layers }

  for (let retries = 0; ; retries += 1) {
    const performed = await perform(walk, run, retries)
    if (performed.kind === 'canceled') return canceled(walk, task)
    if (performed.kind === 'failed') {
      const { error } = performed
      walk.track.failed(run.fullName, error)
      if (error.retryAfterSeconds === undefined) {
        // `_error` hangs below the task, so it sees what the task exports.
        const exported: Layers = task.hasExports ? [['export', task.id]] : noLayers
        return failed(walk, run, 'error', extend(at.layers, exported))
      }
      if (!(await waitForRetry(walk, task, 'retry_waiting', error.retryAfterSeconds))) {
        return canceled(walk, task)
      }
      continue
    }
    const layers = extend(at.layers, leftByOperator(task, performed.done))
    const below = await runBelow(walk, run, performed.done, layers, retries)
    if (below.ending === 'canceled') return canceled(walk, task)
    if (below.ending === 'success') {
      if (performed.done.subtasks !== undefined || task.hasCheck) {
        walk.track.record(task.id, 'success')
      }
      const stored: Layers = performed.done.stored ? [['store', task.id]] : noLayers
      return { ending: 'success', left: extend(stored, below.left) }
    }
    const { retry } = task
    if (retry === undefined || retries >= retry.limit || !walk.track.mayRepeat(run.fullName)) {
      return failed(walk, run, 'group_error', layers)
    }
    const wait = retryWait(retry, retries)
    if (!(await waitForRetry(walk, task, 'group_retry_waiting', wait))) return canceled(walk, task)
  }
}

type Performed =
  | { readonly kind: 'done'; readonly done: Done }
  | { readonly kind: 'failed'; readonly error: TaskFailedError }
  | { readonly kind: 'canceled' }

/** One logical try: the operator is called until it no longer asks to be called again. */
async function perform(walk: Walk, run: OperatorRun, retries: number): Promise<Performed> {
  const { task, fullName, layers } = run
  const placement = placementOf(task.operator, task)
  walk.track.started(fullName)
  try {
    for (let polls = 0; ; polls += 1) {
      const version = walk.track.nextVersion(task.id)
      const outcome = await walk.runtime.runTask(
        { placement, fullName },
        { taskId: task.id, layers, retries, polls, version },
      )
      if (outcome.kind === 'done') return { kind: 'done', done: outcome }
      if (!(await waitForRetry(walk, task, 'retry_waiting', outcome.afterSeconds))) {
        return { kind: 'canceled' }
      }
    }
  } catch (error) {
    if (error instanceof CanceledError) return { kind: 'canceled' }
    if (error instanceof TaskFailedError) return { kind: 'failed', error }
    throw error
  } finally {
    walk.track.ended(fullName)
  }
}

/** `^sub`, then `^check`, which sees what both stored. */
async function runBelow(
  walk: Walk,
  run: OperatorRun,
  done: Done,
  layers: Layers,
  retries: number,
): Promise<Ended> {
  let left: Layers = noLayers
  if (done.subtasks !== undefined) {
    const ended = await runSiblings(walk, [done.subtasks], run.fullName, layers)
    if (ended.ending !== 'success') return ended
    left = ended.left
  }
  if (!run.task.hasCheck) return { ending: 'success', left }
  const checks = await walk.runtime.addTasks({
    parentId: run.task.id,
    what: { kind: 'check', round: retries },
  })
  const ended = await runSiblings(walk, checks, run.fullName, extend(layers, left))
  return { ending: ended.ending, left: extend(left, ended.left) }
}

/** What the operator's own subtasks see of it: exports first, then stored parameters. */
function leftByOperator(task: PlannedOperator, done: Done): Layers {
  return [
    ...(task.hasExports || done.exported ? [['export', task.id] as const] : []),
    ...(done.stored ? [['store', task.id] as const] : []),
  ]
}

async function failed(
  walk: Walk,
  run: OperatorRun,
  state: 'error' | 'group_error',
  layers: Layers,
): Promise<Ended> {
  const at = { fullName: run.fullName, isRoot: false, layers }
  if (!(await runAfterFailure(walk, run.task, at))) return canceled(walk, run.task)
  walk.track.record(run.task.id, state)
  return { ending: 'failed', left: noLayers }
}

function canceled(walk: Walk, task: PlannedOperator): Ended {
  walk.track.record(task.id, 'canceled')
  return { ending: 'canceled', left: noLayers }
}
