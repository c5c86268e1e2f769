/** Digdag's ten task states, as its REST API names them. */
export type TaskState =
  | 'blocked'
  | 'ready'
  | 'retry_waiting'
  | 'group_retry_waiting'
  | 'running'
  | 'planned'
  | 'group_error'
  | 'success'
  | 'error'
  | 'canceled'

const done: ReadonlySet<TaskState> = new Set(['group_error', 'success', 'error', 'canceled'])

/** Whether a task in this state will never change again. */
export const isDone = (state: TaskState): boolean => done.has(state)
