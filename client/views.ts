/** What an endpoint answered, whatever it was. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface Project {
  readonly id: string
  readonly name: string
  readonly revision: string
}

export interface Attempt {
  readonly id: string
  /** `running`, `success`, `error`, `killed` and others; see the API's document. */
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
  readonly cancelRequested: boolean
  readonly isGroup: boolean
  readonly parentId: string | null
  readonly upstreams: readonly string[]
  readonly config: Record<string, unknown>
  readonly exportParams: Record<string, unknown>
  readonly storeParams: Record<string, unknown>
  readonly error: { readonly message?: string }
  readonly startedAt: string | null
  readonly updatedAt: string
}

/** What one run of a task printed. */
export interface LogFile {
  readonly taskName: string
  readonly text: string
}
