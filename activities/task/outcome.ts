import type { Task } from '#store/types.ts'
import type { RunTaskInput, TaskFailure, TaskOutcome } from '#workflows/activities.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'

/** How a run ended, as it is stored on the task's row: generated tasks by the id of their group only. */
export type RunEnd =
  | {
      readonly kind: 'done'
      readonly stored: boolean
      readonly exported: boolean
      readonly subtasks: TaskId | null
    }
  | Extract<TaskOutcome, { kind: 'again' }>
  | ({ readonly kind: 'failed'; readonly message: string } & Omit<TaskFailure, 'ran'>)

type Run = Pick<RunTaskInput, 'retries' | 'polls'>

/** What is written with the end of a run, so that a repeated call of it can be told apart from the next one. */
export const endToStore = (end: RunEnd, { retries, polls }: Run): JsonObject => ({
  ...end,
  retries,
  polls,
})

/** How this very run ended before, if it did. */
export function recordedEnd(task: Task, { retries, polls }: Run): RunEnd | undefined {
  const { outcome } = task
  if (outcome === null || outcome['retries'] !== retries || outcome['polls'] !== polls)
    return undefined
  // Written by endToStore and by nobody else.
  return outcome as unknown as RunEnd
}
