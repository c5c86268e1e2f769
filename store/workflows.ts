import type { ProjectId, WorkflowId } from '#workflows/domain/ids.ts'
import type { Workflow } from './types.ts'

export interface Workflows {
  find(id: WorkflowId): Promise<Workflow | undefined>
  /** Of the named revision, or of the project's latest. */
  findByName(
    projectId: ProjectId,
    name: string,
    revision?: string,
  ): Promise<Workflow | undefined>
  /** All of one revision (the latest without a name), in order of their ids. */
  ofProject(projectId: ProjectId, revision?: string): Promise<readonly Workflow[]>
  /** Of the latest revisions of all projects. */
  list(filter: {
    readonly count: number
    readonly lastId?: WorkflowId
    readonly order: 'asc' | 'desc'
    readonly namePattern?: string
    /** The pattern may match the project's name as well. */
    readonly searchProjectName?: boolean
  }): Promise<readonly Workflow[]>
}
