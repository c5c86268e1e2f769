import type { Store } from '#store/index.ts'
import type { Task } from '#store/types.ts'
import type { PlannedTask } from '#workflows/contract.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { isObject, merge, type JsonObject } from '#workflows/domain/json.ts'
import { compactLeft } from './compact-left.ts'
import { generatedTask } from './new-tasks.ts'
import { planTasks } from './plan.ts'
import type { FindResumption } from './resume.ts'

/** What a task adds below itself. */
export interface Generated {
  /** A task mapping as it would be written under `_do`; becomes the group `^sub`. */
  readonly subtasks?: JsonObject
  /** `_export` of `^sub`. */
  readonly subtaskExports?: JsonObject
}

/**
 * Inserts what an operator generated as `^sub` below its task, once for each of its tries; answers the
 * id of `^sub`, or null when nothing was generated.
 */
export async function insertSubtasks(
  store: Pick<Store, 'tasks'>,
  resumptions: FindResumption,
  task: Task,
  retries: number,
  { subtasks, subtaskExports }: Generated,
): Promise<TaskId | null> {
  if (subtasks === undefined || Object.keys(subtasks).length === 0) return null
  const generated = generatedTask('^sub', withExports(subtasks, subtaskExports))
  const resumption = await resumptions(task.attemptId)
  const sub = { ...resumption.mark(generated, task.fullName), round: retries }
  const rows = await store.tasks.insert(task.attemptId, task.id, [sub])
  const [first] = rows
  if (first === undefined) throw new Error(`The subtasks of ${task.fullName} were not inserted`)
  return first.id
}

/** The generated group as the engine walks it. */
export async function plannedSubtasks(
  store: Pick<Store, 'tasks' | 'mergedParams'>,
  id: TaskId,
): Promise<PlannedTask> {
  const rows = await store.tasks.subtree(id)
  const [sub] = rows
  if (sub === undefined) throw new Error(`Subtask ${id} is not there`)
  const [planned] = await compactLeft(store, sub.attemptId, planTasks(rows, sub.parentId))
  if (planned === undefined) throw new Error(`Subtask ${id} was not planned`)
  return planned
}

function withExports(subtasks: JsonObject, exports: JsonObject | undefined): JsonObject {
  if (exports === undefined || Object.keys(exports).length === 0) return subtasks
  const own = subtasks['_export']
  return { ...subtasks, _export: merge(exports, isObject(own) ? own : {}) }
}
