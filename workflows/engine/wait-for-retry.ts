import type { PlannedTask } from '../contract.ts'
import type { TaskState } from '../domain/task-state.ts'
import { CanceledError } from './runtime.ts'
import type { Walk } from './walk.ts'

/** Shows the task as waiting, waits, and answers whether the attempt is still wanted. */
export async function waitForRetry(
  walk: Walk,
  task: PlannedTask,
  state: Extract<TaskState, 'retry_waiting' | 'group_retry_waiting'>,
  seconds: number,
): Promise<boolean> {
  const retryAt = new Date(walk.runtime.now() + seconds * 1000).toISOString()
  walk.track.record(task.id, state, { retryAt })
  try {
    if (seconds > 0) await walk.runtime.sleep(seconds)
    return true
  } catch (error) {
    if (error instanceof CanceledError) return false
    throw error
  }
}
