/** What the examples ask of Suiro's HTTP API. */
export interface Client {
  push(project: string, revision: string, archive: Buffer): Promise<{ readonly id: string }>
  find(project: string): Promise<{ readonly id: string }>
  /** Id of a workflow of the project's latest revision. */
  workflow(projectId: string, name: string): Promise<string>
  setSecret(projectId: string, key: string, value: string): Promise<void>
  /**
   * Starts a workflow, or answers the attempt that its session has already; one that failed is followed
   * by another try.
   */
  start(projectId: string, workflow: string, sessionTime: string): Promise<AttemptView>
  attempt(id: string): Promise<AttemptView>
  tasks(id: string): Promise<readonly TaskView[]>
}

export interface AttemptView {
  readonly id: string
  readonly status: string
  readonly done: boolean
  readonly success: boolean
}

export interface TaskView {
  readonly id: string
  readonly parentId: string | null
  readonly fullName: string
  readonly state: string
  readonly isGroup: boolean
  readonly error: { readonly message?: string }
  readonly startedAt: string | null
  readonly updatedAt: string
}

export function createClient(apiUrl: string, signal: AbortSignal): Client {
  const request = async (
    method: string,
    path: string,
    body?: object | Buffer,
  ): Promise<{ readonly status: number; readonly body: unknown }> => {
    const binary = Buffer.isBuffer(body)
    const type = binary ? 'application/gzip' : 'application/json'
    const response = await fetch(apiUrl + path, {
      method,
      signal,
      ...(body === undefined
        ? {}
        : {
            headers: { 'content-type': type },
            body: binary ? new Uint8Array(body) : JSON.stringify(body),
          }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const wanted = async <Body>(
    method: string,
    path: string,
    body: object | Buffer | undefined,
    ...accepted: readonly number[]
  ): Promise<Body> => {
    const answer = await request(method, path, body)
    if (answer.status < 300 || accepted.includes(answer.status)) return answer.body as Body
    const { message = 'no message' } = (answer.body ?? {}) as { message?: string }
    throw new Error(`${method} ${path} was answered ${answer.status}: ${message}`)
  }

  const find = async (project: string): Promise<{ readonly id: string }> => {
    const path = `/api/projects?name=${project}`
    const { projects } = await wanted<{ projects: readonly { id: string }[] }>(
      'GET',
      path,
      undefined,
    )
    const [found] = projects
    if (found === undefined) throw new Error(`There is no project ${project}`)
    return found
  }
  const workflow = async (projectId: string, name: string): Promise<string> => {
    const path = `/api/projects/${projectId}/workflows/${name}`
    return (await wanted<{ id: string }>('GET', path, undefined)).id
  }

  return {
    async push(project, revision, archive) {
      const path = `/api/projects?project=${project}&revision=${revision}`
      await wanted('PUT', path, archive, 409)
      return find(project)
    },
    find,
    workflow,
    async setSecret(projectId, key, value) {
      await wanted('PUT', `/api/projects/${projectId}/secrets/${key}`, { value })
    },
    async start(projectId, name, sessionTime) {
      const id = await workflow(projectId, name)
      const body = { workflowId: id, sessionTime, params: {} }
      const attempt = await wanted<AttemptView>('PUT', '/api/attempts', body, 409)
      if (!attempt.done || attempt.success) return attempt
      const retryAttemptName = `again-${Date.now()}`
      return wanted('PUT', '/api/attempts', { ...body, retryAttemptName })
    },
    attempt: (id) => wanted('GET', `/api/attempts/${id}`, undefined),
    async tasks(id) {
      const path = `/api/attempts/${id}/tasks`
      return (await wanted<{ tasks: readonly TaskView[] }>('GET', path, undefined)).tasks
    },
  }
}
