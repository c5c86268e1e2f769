/** A project with the workflow `main`, and what becomes of its attempts. */
export interface Scenario {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** How each attempt ends; `any` where several ends are right. */
  readonly ends: 'success' | 'error' | 'any'
  /** It has no end of its own: it is killed. */
  readonly endless?: boolean
  readonly params?: object
}

export type Task = Readonly<Record<string, unknown>>

/** One workflow; JSON is YAML. */
export const workflow = (tasks: Task): string => JSON.stringify({ timezone: 'UTC', ...tasks })

/** Where a scenario's tasks find what they need. */
export interface Places {
  /** A folder that all tasks may write. */
  readonly folder: string
  readonly httpOrigin: string
  /** Host, port, user and database of `pg>`. */
  readonly pg: Task
  readonly workerPid: number
  readonly apiPid: number
  /** Commands run as a user who may not touch the worker. */
  readonly separateUser: boolean
}
