import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { AttemptId, ProjectId, SessionId, TaskId } from '#workflows/domain/ids.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import type { Usages } from '#store/usages.ts'
import { createRunFiles } from '../project/project-files.ts'
import { createMask } from '../secrets/mask.ts'
import { createTaskSecrets } from '../secrets/task-secrets.ts'
import { createConfig } from '../task/config.ts'
import type { Operator, OperatorContext } from '../task/operator.ts'
import { archiveOf, type Files } from './project.ts'

export interface TestTask {
  /** The project's files; they are packed and unpacked as a pushed project's are. */
  readonly files?: Files
  /** The project's secrets, of which the operator may read its own only. */
  readonly secrets?: Readonly<Record<string, string>>
  /** The task's `_secrets`. */
  readonly mounts?: JsonObject
  readonly render?: (text: string) => Promise<string>
  readonly retries?: number
  readonly polls?: number
  readonly state?: JsonObject
  readonly projectName?: string
  /** Where it is written what the task uses; absent: nowhere. */
  readonly usages?: Pick<Usages, 'begin' | 'end'>
  /** The same session and task again, as after a lost worker. */
  readonly identity?: {
    readonly attemptId?: number
    readonly sessionUuid: string
    readonly taskId: number
    readonly fullName?: string
  }
}

export interface TestContext extends OperatorContext {
  /** What the task has printed so far, secrets masked. */
  output(): string
  /** What the operator has said about the task, with levels, secrets masked. */
  said(): string
  /** All that it has printed and said, one text a call, secrets masked. */
  readonly lines: readonly string[]
  readonly beats: readonly Json[]
  readonly abort: (reason?: Error) => void
  /** The same task in another worker, with the state saved so far. */
  again(other?: TestTask): TestContext
}

/** What an operator is given for a task of these parameters; its folder goes when the test ends. */
export function operatorContext(
  operator: Pick<Operator, 'secrets'>,
  params: JsonObject,
  task: TestTask = {},
): TestContext {
  const { files = {}, secrets = {}, mounts = {}, identity, usages, retries = 0, polls = 0 } = task
  const controller = new AbortController()
  const mask = createMask()
  const project = createRunFiles({ archive: () => archiveOf(files) })
  onTestFinished(() => project.remove())
  const beats: Json[] = []
  const lines: string[] = []
  const progress = { value: task.state ?? {} }
  const sessionUuid = identity?.sessionUuid ?? randomUUID()
  const attemptId = (identity?.attemptId ?? 7) as AttemptId
  const taskId = (identity?.taskId ?? 21) as TaskId
  const fullName = identity?.fullName ?? '+daily+task'
  let output = ''
  let said = ''
  const print = (text: string): void => {
    const masked = mask.text(text)
    lines.push(masked)
    output += masked.endsWith('\n') ? masked : `${masked}\n`
  }
  return {
    task: {
      attemptId,
      sessionId: 3 as SessionId,
      sessionUuid,
      sessionTime: new Date('2026-03-04T15:00:00Z'),
      projectId: 1 as ProjectId,
      projectName: task.projectName ?? 'demo',
      workflowName: 'daily',
      revision: 'one',
      fullName,
      taskId,
      retries,
      timezone: 'Asia/Tokyo',
    },
    params,
    config: createConfig(params, new Set()),
    project,
    render: task.render ?? ((text) => Promise.resolve(text)),
    secrets: createTaskSecrets({
      secrets: { get: (_, key) => Promise.resolve(secrets[key]) },
      projectId: 1 as ProjectId,
      allowed: operator.secrets,
      mounts,
      mask,
    }),
    mask: mask.text,
    log: print,
    print,
    say(level, text) {
      const masked = mask.text(text)
      lines.push(masked)
      said += `${level} ${masked}\n`
    },
    signal: controller.signal,
    heartbeat: (details) => void beats.push(details ?? null),
    state: {
      get value() {
        return progress.value
      },
      save(next) {
        // As in the database: what cannot be written as JSON does not come back.
        progress.value = parseJson(JSON.stringify(next)) as JsonObject
        return Promise.resolve()
      },
    },
    usage: {
      async begin(resource) {
        await usages?.begin({ attemptId, taskId, retries, polls }, resource)
      },
      async end(resource, end) {
        await usages?.end(resource, end)
      },
    },
    polls,
    output: () => output,
    said: () => said,
    lines,
    beats,
    abort: (reason = new Error('killed')) => controller.abort(reason),
    again: (other = {}) =>
      operatorContext(operator, params, {
        ...task,
        identity: { sessionUuid, attemptId, taskId, fullName },
        state: progress.value,
        ...other,
      }),
  }
}
