import type { Store } from '#store/index.ts'
import type { PlannedTask } from '#workflows/contract.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { keepMerged } from './layers.ts'

/** More layers than this of one resumed task are merged into one: a plan is to travel light. */
const mostLeft = 64

/** The same plan, where what a resumed task left is a short list however many tasks are below it. */
export async function compactLeft(
  store: Pick<Store, 'tasks' | 'mergedParams'>,
  attemptId: AttemptId,
  planned: readonly PlannedTask[],
): Promise<readonly PlannedTask[]> {
  const compacted: PlannedTask[] = []
  for (const task of planned) {
    const { left, children } = task
    compacted.push({
      ...task,
      ...(left === undefined || left.length <= mostLeft
        ? {}
        : { left: [await keepMerged(store, attemptId, left)] }),
      ...(children === undefined
        ? {}
        : { children: await compactLeft(store, attemptId, children) }),
    })
  }
  return compacted
}
