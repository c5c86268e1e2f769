import { randomBytes } from 'node:crypto'
import type { Client } from '#client/client.ts'
import type { Answer, Task } from '#client/views.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { ConformanceCase, Outcome } from './conformance-case.ts'
import { outputOf } from './normalise.ts'
import { byName, type Observation, type Observed } from './observation.ts'
import { projectFiles } from './read-cases.ts'

/** Pushes and runs a case on a server and reports what it did; the project is deleted afterwards. */
export async function observe(
  api: Client,
  one: ConformanceCase,
  given: JsonObject = {},
  secrets: Readonly<Record<string, string>> = {},
): Promise<Observation> {
  const project = `conf-${one.name}-${randomBytes(4).toString('hex')}`
  const { expected } = one
  const pushed = await api.push(project, projectFiles(one))
  const push = answered(pushed, project)
  if (pushed.status !== 200) return { push, attempts: [] }
  const projectId = pushed.body['id'] as string
  try {
    for (const [key, value] of Object.entries({ ...secrets, ...expected.secrets })) {
      await api.request('PUT', `/api/projects/${projectId}/secrets/${key}`, { value })
    }
    const attempts: Observed[] = []
    let attemptId: string | undefined
    for (const step of [expected, ...(expected.next ?? [])]) {
      if (step.start === undefined) break
      if (step.pushed !== undefined) {
        await api.push(project, projectFiles(one, step.pushed), step.pushed)
      }
      const begun = await begin(api, project, step, attemptId, given)
      const start = answered(begun, project)
      if (begun.status !== 200) {
        attempts.push({ start })
        continue
      }
      attemptId = begun.body['id'] as string
      if (step.kill !== undefined) await kill(api, attemptId, step.kill)
      attempts.push({ start, ...(await result(api, attemptId, Object.keys(given))) })
    }
    return { push, attempts }
  } finally {
    await api.request('DELETE', `/api/projects/${projectId}`)
  }
}

/** How a server answered; the project's name is a run's own. */
export function answered({ status, body }: Answer, project: string): JsonObject {
  const message = body['message']
  const error = typeof message === 'string' ? message.replaceAll(project, '$PROJECT') : null
  return { status, error: status === 200 ? null : error }
}

async function begin(
  api: Client,
  project: string,
  { start }: Outcome,
  before: string | undefined,
  given: JsonObject,
): Promise<Answer> {
  if (start === undefined) throw new Error('A step needs a start')
  const { sessionTime, workflow = 'case', params = {}, retryAttemptName, resume } = start
  return api.start(project, workflow, sessionTime, {
    params: { ...given, ...params },
    ...(retryAttemptName === undefined ? {} : { retryAttemptName }),
    ...(resume === undefined ? {} : { resume: { ...resume, attemptId: before } }),
  })
}

async function kill(
  api: Client,
  attemptId: string,
  { task, state }: NonNullable<Outcome['kill']>,
): Promise<void> {
  await api.taskIn(attemptId, task, [state])
  await api.request('POST', `/api/attempts/${attemptId}/kill`, {})
}

/** Waits for an attempt's end; parameters that the harness added are left out. */
export async function result(
  api: Client,
  attemptId: string,
  added: readonly string[] = [],
): Promise<Pick<Required<Observed>, 'attempt' | 'tasks' | 'logs'>> {
  const { status, done, success, cancelRequested, params } = await api.finished(attemptId)
  const own = Object.entries(params).filter(([key]) => !added.includes(key))
  const tasks = await api.tasks(attemptId)
  return {
    attempt: {
      status,
      done,
      success,
      cancelRequested,
      params: Object.fromEntries(own) as JsonObject,
    },
    tasks: byName(tasks.map((task) => presentTask(task, tasks))) as unknown as Record<
      string,
      JsonObject
    >,
    logs: await outputs(api, attemptId),
  }
}

/** Which upstream was written first is no fact: they are a set. */
const byText = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1)

function presentTask(task: Task, all: readonly Task[]): { readonly fullName: string } {
  const { fullName, state, isGroup, parentId, upstreams, config } = task
  const { exportParams, storeParams, error } = task
  const nameOf = (id: string): string | null =>
    all.find((other) => other.id === id)?.fullName ?? null
  const shown = {
    fullName,
    state,
    isGroup,
    parent: parentId === null ? null : nameOf(parentId),
    upstreams: upstreams.map(nameOf).sort(byText),
    config,
    exportParams,
    storeParams,
    // A Java stack is no fact that another server could share.
    error: error.message === undefined ? {} : { message: error.message },
  }
  return shown
}

async function outputs(api: Client, attemptId: string): Promise<Record<string, readonly string[]>> {
  const lines: Record<string, string[]> = {}
  for (const { taskName, text } of await api.logFiles(attemptId)) {
    // How a server reports a failed attempt is its own business.
    if (taskName.endsWith('^failure-alert')) continue
    const output = outputOf(text)
    if (output.length > 0) lines[taskName] = [...(lines[taskName] ?? []), ...output]
  }
  return lines
}
