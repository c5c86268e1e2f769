import type { Store } from '#store/index.ts'
import type { Task } from '#store/types.ts'
import type { PlannedTask } from '#workflows/contract.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { isObject, merge, type JsonObject } from '#workflows/domain/json.ts'
import type { OperatorResult } from '../task/operator.ts'
import type { AttemptFacts } from './facts.ts'
import { generatedTask } from './new-tasks.ts'
import { planTasks } from './plan.ts'
import { readResumption } from './resume.ts'

/**
 * Inserts what an operator generated as `^sub` below its task, once for each of its tries; answers the
 * id of `^sub`, or null when nothing was generated.
 */
export async function insertSubtasks(
  store: Pick<Store, 'tasks'>,
  { attempt }: AttemptFacts,
  task: Task,
  retries: number,
  result: OperatorResult,
): Promise<TaskId | null> {
  const { subtasks, subtaskExports } = result
  if (subtasks === undefined || Object.keys(subtasks).length === 0) return null
  const generated = generatedTask('^sub', withExports(subtasks, subtaskExports))
  const resumption = await readResumption(store.tasks, attempt.resume)
  const sub = { ...resumption.mark(generated, task.fullName), round: retries }
  const rows = await store.tasks.insert(attempt.id, task.id, [sub], { initial: false })
  const [first] = rows
  if (first === undefined) throw new Error(`The subtasks of ${task.fullName} were not inserted`)
  return first.id
}

/** The generated group as the engine walks it. */
export async function plannedSubtasks(
  store: Pick<Store, 'tasks'>,
  id: TaskId,
): Promise<PlannedTask> {
  const rows = await store.tasks.subtree(id)
  const [planned] = planTasks(rows, rows[0]?.parentId ?? null)
  if (planned === undefined) throw new Error(`Subtask ${id} is not there`)
  return planned
}

function withExports(subtasks: JsonObject, exports: JsonObject | undefined): JsonObject {
  if (exports === undefined || Object.keys(exports).length === 0) return subtasks
  const own = subtasks['_export']
  return { ...subtasks, _export: merge(exports, isObject(own) ? own : {}) }
}
