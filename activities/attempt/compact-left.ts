import type { Store } from '#store/index.ts'
import { mostLayers, type PlannedTask } from '#workflows/contract.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { keepMerged } from './layers.ts'

/** The same plan, where what a resumed task left is a short list however many tasks are below it. */
export async function compactLeft(
  store: Pick<Store, 'tasks' | 'mergedParams'>,
  attemptId: AttemptId,
  planned: readonly PlannedTask[],
): Promise<readonly PlannedTask[]> {
  const compact = async (task: PlannedTask): Promise<PlannedTask> => {
    if (task.children !== undefined) {
      return { ...task, children: await compactLeft(store, attemptId, task.children) }
    }
    const long = task.resumed && (task.left?.length ?? 0) > mostLayers
    return long ? { ...task, left: [await keepMerged(store, attemptId, task.left ?? [])] } : task
  }
  const compacted: PlannedTask[] = []
  for (const task of planned) compacted.push(await compact(task))
  return compacted
}
