import { gunzipSync } from 'node:zlib'
import { tarGz } from '#archive/pack.ts'

/** What stories need of the API, over HTTP as a user's program would speak it. */
export interface ApiClient {
  push(project: string, files: Readonly<Record<string, string>>, revision?: string): Promise<Answer>
  start(
    project: string,
    workflow: string,
    sessionTime: string,
    more?: {
      readonly params?: object
      readonly retryAttemptName?: string
      readonly resume?: object
    },
    headers?: Record<string, string>,
  ): Promise<Answer>
  /** Polls until the attempt is done. */
  finished(attemptId: string, timeoutSeconds?: number): Promise<Attempt>
  /** Polls until a task has one of the states. */
  taskIn(attemptId: string, fullName: string, states: readonly string[]): Promise<Task>
  tasks(attemptId: string): Promise<readonly Task[]>
  log(attemptId: string, task: string): Promise<string>
  /** Every log file of an attempt, one for each run of a task. */
  logFiles(attemptId: string, taskPrefix?: string): Promise<readonly LogFile[]>
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
}

export interface LogFile {
  readonly taskName: string
  readonly text: string
}

export interface Answer {
  readonly status: number
  // Answers are looked at field by field; each story says what it expects.
  readonly body: Readonly<Record<string, unknown>>
}

export interface Attempt {
  readonly id: string
  readonly status: string
  readonly done: boolean
  readonly success: boolean
  readonly cancelRequested: boolean
  readonly params: Record<string, unknown>
}

export interface Task {
  readonly id: string
  readonly fullName: string
  readonly state: string
  readonly isGroup: boolean
  readonly parentId: string | null
  readonly upstreams: readonly string[]
  readonly config: Record<string, unknown>
  readonly exportParams: Record<string, unknown>
  readonly storeParams: Record<string, unknown>
  readonly error: { readonly message?: string }
}

/** `common` goes with every request: a login, for a server that wants one. */
export function createClient(url: string, common: Record<string, string> = {}): ApiClient {
  const request: ApiClient['request'] = async (method, path, body, headers = {}) => {
    const binary = body instanceof Uint8Array
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined
          ? {}
          : { 'content-type': binary ? 'application/gzip' : 'application/json' }),
        ...common,
        ...headers,
      },
      ...(body === undefined ? {} : { body: binary ? Buffer.from(body) : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Answer['body'],
    }
  }
  const list = async <Item>(path: string, field: string): Promise<readonly Item[]> => {
    const { status, body } = await request('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
    return body[field] as Item[]
  }
  const tasks = (attemptId: string) => list<Task>(`/api/attempts/${attemptId}/tasks`, 'tasks')

  const logFiles: ApiClient['logFiles'] = async (attemptId, taskPrefix = '') => {
    const path = `/api/logs/${attemptId}/files`
    const files = await list<{ fileName: string; taskName: string }>(
      `${path}?task=${encodeURIComponent(taskPrefix)}`,
      'files',
    )
    return Promise.all(
      files.map(async ({ fileName, taskName }) => {
        const response = await fetch(`${url}${path}/${encodeURIComponent(fileName)}`, {
          headers: { 'accept-encoding': 'identity', ...common },
        })
        if (!response.ok)
          throw new Error(`${fileName}: ${response.status} ${await response.text()}`)
        return { taskName, text: gunzipSync(Buffer.from(await response.arrayBuffer())).toString() }
      }),
    )
  }

  return {
    request,
    tasks,
    async push(project, files, revision = `r${Date.now()}`) {
      const archive = await tarGz(Object.entries(files).map(([name, text]) => [{ name }, text]))
      return request('PUT', `/api/projects?project=${project}&revision=${revision}`, archive)
    },
    async start(project, workflow, sessionTime, more = {}, headers = {}) {
      const [found] = await list<{ id: string }>(`/api/projects?name=${project}`, 'projects')
      if (found === undefined) throw new Error(`There is no project ${project}`)
      const path = `/api/projects/${found.id}/workflows?name=${workflow}`
      const [definition] = await list<{ id: string }>(path, 'workflows')
      if (definition === undefined) throw new Error(`There is no workflow ${workflow}`)
      const start = { workflowId: definition.id, sessionTime, params: {}, ...more }
      return request('PUT', '/api/attempts', start, headers)
    },
    async finished(attemptId, timeoutSeconds = 120) {
      const deadline = Date.now() + timeoutSeconds * 1000
      for (;;) {
        const { body } = await request('GET', `/api/attempts/${attemptId}`)
        const attempt = body as unknown as Attempt
        if (attempt.done) return attempt
        if (Date.now() > deadline) {
          const states = (await tasks(attemptId)).map((task) => `${task.fullName} ${task.state}`)
          throw new Error(`Attempt ${attemptId} is still running:\n${states.join('\n')}`)
        }
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    },
    async taskIn(attemptId, fullName, states) {
      const deadline = Date.now() + 60_000
      for (;;) {
        const task = (await tasks(attemptId)).findLast((one) => one.fullName === fullName)
        if (task !== undefined && states.includes(task.state)) return task
        if (Date.now() > deadline) {
          throw new Error(
            `${fullName} is ${task?.state ?? 'not there'}, not ${states.join(' or ')}`,
          )
        }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    logFiles,
    async log(attemptId, task) {
      const files = await logFiles(attemptId, task)
      return files.flatMap(({ taskName, text }) => (taskName === task ? [text] : [])).join('')
    },
  }
}
