import type { PlannedTask } from '../contract.ts'
import type { TaskId } from '../domain/ids.ts'
import type { JsonObject } from '../domain/json.ts'
import { extend, noLayers, type Layers } from '../engine/layers.ts'
import { CanceledError } from '../engine/runtime.ts'
import type { Walk } from '../engine/walk.ts'
import type { TaskSpec } from './task-spec.ts'

/** What a TypeScript batch is written with; the rest is ordinary code and ordinary promises. */
export interface BatchRun {
  /**
   * Runs a task and answers its result. It is shown, retried, logged and costed like a `.dig` task.
   * A failure throws and ends the batch unless it is caught.
   */
  readonly task: <Result>(name: `+${string}`, spec: TaskSpec<Result>) => Promise<Result>
  /** Runs tasks below a task of this name, so that they are shown together. */
  readonly group: <Result>(
    name: `+${string}`,
    body: (group: BatchRun) => Promise<Result>,
  ) => Promise<Result>
}

/** A task of the batch failed; its message is on the task. */
export class BatchTaskError extends Error {
  constructor(fullName: string) {
    super(`Task ${fullName} failed`)
    this.name = 'BatchTaskError'
  }
}

interface Place {
  readonly parent: TaskId
  readonly fullName: string
  readonly layers: Layers
}

export function createBatchRun(
  walk: Walk,
  place: Place,
  readStored: (id: TaskId) => Promise<JsonObject>,
): BatchRun & { readonly left: () => Layers } {
  let layers = place.layers
  let left = noLayers
  // The finished tasks that nothing has waited for yet: what the next task comes after.
  const frontier = new Set<TaskId>()

  const add = async (name: string, config: JsonObject): Promise<PlannedTask> => {
    const what = { kind: 'task', name, config, upstreams: [...frontier] } as const
    const [task] = await walk.runtime.addTasks({ parentId: place.parent, what })
    if (task === undefined) throw new Error(`Task ${place.fullName}${name} was not added`)
    return task
  }
  const finish = (task: PlannedTask, its: Layers): void => {
    for (const upstream of task.upstreams) frontier.delete(upstream)
    frontier.add(task.id)
    layers = extend(layers, its)
    left = extend(left, its)
  }

  return {
    left: () => left,
    async task<Result>(name: string, spec: TaskSpec<Result>): Promise<Result> {
      const task = await add(name, spec.config)
      const ended = await walk.run(task, { parentName: place.fullName, layers })
      if (ended.ending === 'canceled') throw new CanceledError()
      if (ended.ending !== 'success') throw new BatchTaskError(place.fullName + name)
      finish(task, ended.left)
      // Without `read` the type says void.
      return (spec.read === undefined ? undefined : spec.read(await readStored(task.id))) as Result
    },
    async group(name, body) {
      const task = await add(name, {})
      const fullName = place.fullName + name
      walk.track.record(task.id, 'planned')
      const inner = createBatchRun(walk, { parent: task.id, fullName, layers }, readStored)
      try {
        const result = await body(inner)
        walk.track.record(task.id, 'success')
        finish(task, inner.left())
        return result
      } catch (error) {
        walk.track.record(task.id, error instanceof CanceledError ? 'canceled' : 'group_error')
        throw error
      }
    },
  }
}
