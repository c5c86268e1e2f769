import type { AddTasksInput } from '../activities.ts'
import type { PlannedTask, WalkedTask } from '../contract.ts'
import type { Layers } from './layers.ts'
import { CanceledError } from './runtime.ts'
import type { Walk } from './walk.ts'

/**
 * What Digdag adds when a task failed for good: `^failure-alert` for the root, `^error` where the task
 * has one. Whatever they do, the task has failed. Answers false when the attempt was killed meanwhile.
 */
export async function runAfterFailure(
  walk: Walk,
  task: WalkedTask,
  at: { readonly fullName: string; readonly isRoot: boolean; readonly layers: Layers },
): Promise<boolean> {
  const kinds: AddTasksInput['what'][] = []
  if (at.isRoot) kinds.push({ kind: 'failure-alert' })
  if (task.hasError) kinds.push({ kind: 'error' })
  try {
    const added: PlannedTask[] = []
    for (const what of kinds) {
      added.push(...(await walk.runtime.addTasks({ parentId: task.id, what })))
    }
    const ended = await Promise.all(
      added.map((extra) => walk.run(extra, { parentName: at.fullName, layers: at.layers })),
    )
    return ended.every(({ ending }) => ending !== 'canceled')
  } catch (error) {
    if (error instanceof CanceledError) return false
    throw error
  }
}
