/** Digdag's ten task states, as its REST API names them. */
export const taskStates = [
  'blocked',
  'ready',
  'retry_waiting',
  'group_retry_waiting',
  'running',
  'planned',
  'group_error',
  'success',
  'error',
  'canceled',
] as const

export type TaskState = (typeof taskStates)[number]

const endedByItself: ReadonlySet<TaskState> = new Set(['group_error', 'success', 'error'])

/**
 * Whether a kill of its attempt is asked of a task in this state, or was: of all that had not ended by themselves.
 * What never starts then stays `blocked`.
 */
export const isKilled = (state: TaskState): boolean => !endedByItself.has(state)
