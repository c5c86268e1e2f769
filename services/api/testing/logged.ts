import { logBeginning } from '#store/log-place.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { TestApi } from './api.ts'

/** A log that grows as a worker's does. */
export interface GrowingLog {
  readonly taskId: TaskId
  readonly fileId: number
  /** One chunk. */
  write(text: string): Promise<void>
}

/** An attempt with tasks that nobody runs: their logs are written by hand. */
export interface LoggedAttempt {
  readonly id: AttemptId
  /** `name` as in `+load`. */
  task(name: string): Promise<TaskId>
  /** A file of a try of the task; `retries` null: as a worker of the version before opens it. */
  log(name: string, taskId: TaskId, retries?: number | null): Promise<GrowingLog>
  endTask(taskId: TaskId, retries?: number): Promise<void>
  end(): Promise<void>
}

let attempts = 0

/** The project `shop` with the workflow 1 must have been pushed. */
export async function logAttempt(api: TestApi): Promise<LoggedAttempt> {
  attempts += 1
  const sessionTime = new Date(Date.UTC(2026, 0, attempts)).toISOString()
  const { body } = await api.ask<{ id: string }>('PUT', '/api/attempts', {
    payload: { workflowId: 1, sessionTime },
  })
  const id = Number(body.id) as AttemptId
  const leaf = { exports: {}, config: {}, upstreams: [], children: [], operator: 'sh' }
  const { tasks, logs } = api.store
  return {
    id,
    async task(name) {
      const [row] = await tasks.insert(id, null, [{ ...leaf, name: `+daily${name}` }])
      if (row === undefined) throw new Error('no task')
      return row.id
    },
    async log(name, taskId, retries = 0) {
      const fullName = `+daily${name}`
      const file = { attemptId: id, taskId, fullName, agent: '12@worker-1' }
      const { id: fileId } = await logs.open({ ...file, ...(retries === null ? {} : { retries }) })
      let place = logBeginning
      return {
        taskId,
        fileId,
        async write(text) {
          place = await logs.append(fileId, place, text)
        },
      }
    },
    endTask: (taskId, retries = 0) => tasks.end(taskId, { state: 'success', version: 5, retries }),
    async end() {
      await api.database.pool.query(
        'update attempts set finished_at = now(), success = true where id = $1',
        [id],
      )
    },
  }
}
