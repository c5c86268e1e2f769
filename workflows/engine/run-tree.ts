import type { PlannedTask, WalkedTask } from '../contract.ts'
import { noLayers } from './layers.ts'
import { createLoad } from './load.ts'
import { runGroup } from './run-group.ts'
import { runOperator } from './run-operator.ts'
import { CanceledError, TaskFailedError, type Runtime } from './runtime.ts'
import { watchSla } from './sla.ts'
import { createTrack, type Ended, type Position, type Walk } from './walk.ts'

export interface TreeEnd {
  readonly state: 'success' | 'error' | 'canceled'
  /** The first failure, as `<full name>: <message>`. */
  readonly failure?: string
}

// W1. A kill may come wherever the walk asks the world for something; the task is canceled then.
// W2. What the walk asks for may be refused there too (tasks of `_error` that nobody can insert): the task
//     fails with these words, and nothing that hangs on it is tried.

/** A walk over one attempt's tasks, from any of them. */
export function createWalk(runtime: Runtime): Walk {
  const walk: Walk = { runtime, track: createTrack(runtime), load: createLoad(), run }
  async function run(task: PlannedTask, at: Position): Promise<Ended> {
    if (task.resumed) return { ending: 'success', left: task.left ?? noLayers }
    try {
      return await (task.operator === undefined
        ? runGroup(walk, task, at)
        : runOperator(walk, task, at))
    } catch (error) {
      if (error instanceof CanceledError) {
        walk.track.record(task.id, 'canceled')
        return { ending: 'canceled', left: noLayers }
      }
      if (!(error instanceof TaskFailedError)) throw error
      walk.track.failed(at.parentName + task.name, error)
      const state = task.operator === undefined ? 'group_error' : 'error'
      walk.track.record(task.id, state, { error: error.message })
      return { ending: 'failed', left: noLayers }
    }
  }
  return walk
}

/** Walks a whole attempt to its end. `lateAt`, in milliseconds: when its `^sla` runs. */
export async function runTree(
  root: WalkedTask,
  runtime: Runtime,
  lateAt?: number,
): Promise<TreeEnd> {
  const walk = createWalk(runtime)
  const { ending } = await walk.run(root, {
    parentName: '',
    layers: noLayers,
    ...(lateAt === undefined ? {} : { sla: watchSla(walk, root, lateAt) }),
  })
  if (ending === 'success') return { state: 'success' }
  if (ending === 'canceled') return { state: 'canceled' }
  const failure = walk.track.firstFailure
  return { state: 'error', ...(failure === undefined ? {} : { failure }) }
}
