import type { ProjectId } from '#workflows/domain/ids.ts'

export interface Secrets {
  /** Throws when no secret key is configured. */
  set(projectId: ProjectId, key: string, value: string): Promise<void>
  get(projectId: ProjectId, key: string): Promise<string | undefined>
  keys(projectId: ProjectId): Promise<readonly string[]>
  delete(projectId: ProjectId, key: string): Promise<void>
}
