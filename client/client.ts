import { setTimeout as sleep } from 'node:timers/promises'
import { tarGz } from '#archive/pack.ts'
import {
  accepted,
  createRequest,
  readLogFile,
  readText,
  type ClientOptions,
  type Request,
} from './request.ts'
import type { Answer, Attempt, LogFile, Project, Task } from './views.ts'

/** What may be said of a start beside project, workflow and session. */
export interface StartOptions {
  readonly params?: object
  readonly retryAttemptName?: string
  readonly resume?: object
}

/**
 * The API over HTTP, as a user's program speaks to it. What changes something answers as the server did, refusals
 * too (`accepted` throws for these); what reads throws when it is refused.
 */
export interface Client {
  readonly request: Request
  /** An archive, or the texts of its files. */
  push(
    project: string,
    content: Uint8Array | Readonly<Record<string, string>>,
    revision?: string,
  ): Promise<Answer>
  project(name: string): Promise<Project>
  /** The id of a workflow of the project's latest revision. */
  workflowId(projectId: string, workflow: string): Promise<string>
  setSecret(projectId: string, key: string, value: string): Promise<Answer>
  start(
    project: string,
    workflow: string,
    sessionTime: string,
    more?: StartOptions,
    headers?: Record<string, string>,
  ): Promise<Answer>
  attempt(id: string): Promise<Attempt>
  tasks(attemptId: string): Promise<readonly Task[]>
  /** Polls until the attempt is done. */
  finished(attemptId: string, timeoutSeconds?: number): Promise<Attempt>
  /** Polls until a task has one of the states. */
  taskIn(attemptId: string, fullName: string, states: readonly string[]): Promise<Task>
  /** Every log file of an attempt, one for each run of a task. */
  logFiles(attemptId: string, taskPrefix?: string): Promise<readonly LogFile[]>
  /** What all runs of one task printed. */
  log(attemptId: string, task: string): Promise<string>
  /** The log as text: of all tasks, or what `asked` says (`task_id`, `tail`, `search` …; see the API's document). */
  logText(attemptId: string, asked?: Readonly<Record<string, string>>): Promise<string>
}

export function createClient(url: string, options: ClientOptions = {}): Client {
  const request = createRequest(url, options)
  const read = async (path: string): Promise<unknown> => accepted(await request('GET', path))

  const project: Client['project'] = async (name) => {
    const path = `/api/projects?name=${encodeURIComponent(name)}`
    const { projects } = (await read(path)) as { projects: readonly Project[] }
    const [found] = projects
    if (found === undefined) throw new Error(`There is no project ${name}`)
    return found
  }
  const workflowId: Client['workflowId'] = async (projectId, workflow) => {
    const path = `/api/projects/${projectId}/workflows?name=${encodeURIComponent(workflow)}`
    const { workflows } = (await read(path)) as { workflows: readonly { id: string }[] }
    const [found] = workflows
    if (found === undefined) throw new Error(`There is no workflow ${workflow}`)
    return found.id
  }
  const attempt = async (id: string): Promise<Attempt> =>
    (await read(`/api/attempts/${id}`)) as Attempt
  const tasks: Client['tasks'] = async (attemptId) => {
    const found = (await read(`/api/attempts/${attemptId}/tasks`)) as { tasks: readonly Task[] }
    return found.tasks
  }
  const logFiles: Client['logFiles'] = async (attemptId, taskPrefix = '') => {
    const path = `/api/logs/${attemptId}/files`
    const { files } = (await read(`${path}?task=${encodeURIComponent(taskPrefix)}`)) as {
      files: readonly { readonly fileName: string; readonly taskName: string }[]
    }
    return Promise.all(
      files.map(async ({ fileName, taskName }) => {
        const text = await readLogFile(url, `${path}/${encodeURIComponent(fileName)}`, options)
        return { taskName, text }
      }),
    )
  }

  return {
    request,
    project,
    workflowId,
    attempt,
    tasks,
    logFiles,
    async push(name, content, revision = `r${Date.now()}`) {
      const archive =
        content instanceof Uint8Array
          ? content
          : await tarGz(Object.entries(content).map(([file, text]) => [{ name: file }, text]))
      return request('PUT', `/api/projects?project=${name}&revision=${revision}`, archive)
    },
    setSecret: (projectId, key, value) =>
      request('PUT', `/api/projects/${projectId}/secrets/${key}`, { value }),
    async start(name, workflow, sessionTime, more = {}, headers = {}) {
      const { id } = await project(name)
      const start = { workflowId: await workflowId(id, workflow), sessionTime, params: {}, ...more }
      return request('PUT', '/api/attempts', start, headers)
    },
    async finished(attemptId, timeoutSeconds = 120) {
      const deadline = Date.now() + timeoutSeconds * 1000
      for (;;) {
        const answer = await request('GET', `/api/attempts/${attemptId}`)
        // A server that cannot answer now may later.
        const now = answer.status >= 500 ? undefined : (accepted(answer) as Attempt)
        if (now?.done) return now
        if (Date.now() > deadline) {
          const states = (await tasks(attemptId)).map((task) => `${task.fullName} ${task.state}`)
          throw new Error(`Attempt ${attemptId} is still running:\n${states.join('\n')}`)
        }
        await sleep(200)
      }
    },
    async taskIn(attemptId, fullName, states) {
      const deadline = Date.now() + 60_000
      for (;;) {
        const task = (await tasks(attemptId)).findLast((one) => one.fullName === fullName)
        if (task !== undefined && states.includes(task.state)) return task
        if (Date.now() > deadline) {
          const state = task?.state ?? 'not there'
          throw new Error(`${fullName} is ${state}, not ${states.join(' or ')}`)
        }
        await sleep(100)
      }
    },
    async log(attemptId, task) {
      const files = await logFiles(attemptId, task)
      return files.flatMap(({ taskName, text }) => (taskName === task ? [text] : [])).join('')
    },
    logText: (attemptId, asked = {}) => {
      const query = new URLSearchParams(asked)
      return readText(url, `/api/attempts/${attemptId}/log?${query.toString()}`, options)
    },
  }
}
