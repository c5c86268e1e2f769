import { randomUUID } from 'node:crypto'
import type { AttemptId, ProjectId, SessionId, TaskId } from '#workflows/domain/ids.ts'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../../failure.ts'
import { createMask } from '../../secrets/mask.ts'
import { createTaskSecrets } from '../../secrets/task-secrets.ts'
import { createConfig } from '../../task/config.ts'
import type { OperatorContext } from '../../task/operator.ts'
import { accountSecrets } from '../account.ts'

interface TestTask {
  readonly files?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly render?: (text: string) => Promise<string>
  readonly retries?: number
  /** The same texts are the same task, as after a lost worker. */
  readonly identity?: { readonly sessionUuid: string; readonly fullName: string }
}

export interface TestContext extends OperatorContext {
  readonly lines: string[]
  readonly beats: Json[]
  readonly abort: (reason: Error) => void
  /** The same task in another worker, with the state saved so far. */
  again(other?: Partial<TestTask> & { readonly params?: JsonObject }): TestContext
}

/** A task of its own, with its state in memory. */
export function taskContext(
  params: JsonObject,
  task: TestTask = {},
  state: JsonObject = {},
): TestContext {
  const controller = new AbortController()
  const identity = task.identity ?? {
    sessionUuid: randomUUID(),
    fullName: `+main+task_${randomUUID().slice(0, 8)}`,
  }
  let saved = state
  const lines: string[] = []
  const beats: Json[] = []
  return {
    task: {
      attemptId: 7 as AttemptId,
      sessionId: 3 as SessionId,
      sessionUuid: identity.sessionUuid,
      sessionTime: new Date('2026-03-04T15:00:00Z'),
      projectId: 1 as ProjectId,
      projectName: 'Sales Reports',
      workflowName: 'daily',
      revision: 'one',
      fullName: identity.fullName,
      taskId: 21 as TaskId,
      retries: task.retries ?? 0,
      timezone: 'Asia/Tokyo',
    },
    params,
    config: createConfig(params, new Set()),
    project: {
      directory: () => Promise.reject(new Error('not used')),
      texts: () => Promise.resolve(new Map(Object.entries(task.files ?? {}))),
      text(path) {
        const text = task.files?.[path]
        if (text === undefined) throw new OperatorError(`File not found: ${path}`)
        return Promise.resolve(text)
      },
    },
    render: task.render ?? ((text) => Promise.resolve(text)),
    // The project's secrets, of which BigQuery's operators may read their own only.
    secrets: createTaskSecrets({
      secrets: { get: (_, key) => Promise.resolve(task.secrets?.[key]) },
      projectId: 1 as ProjectId,
      allowed: accountSecrets,
      mounts: {},
      mask: createMask(),
    }),
    log: (text) => void lines.push(text),
    print: (text) => void lines.push(text),
    say: (_, text) => void lines.push(text),
    signal: controller.signal,
    heartbeat: (details) => void beats.push(details ?? null),
    state: {
      get value() {
        return saved
      },
      save(next) {
        // As in the database: what cannot be written as JSON does not come back.
        saved = JSON.parse(JSON.stringify(next)) as JsonObject
        return Promise.resolve()
      },
    },
    polls: 0,
    lines,
    beats,
    abort: (reason) => controller.abort(reason),
    again: ({ params: next, ...other } = {}) =>
      taskContext(next ?? params, { ...task, identity, ...other }, saved),
  }
}
