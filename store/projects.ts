import type { Pool } from 'pg'
import type { ProjectId, RevisionId } from '#workflows/domain/ids.ts'
import type { ScheduleDefinition, WorkflowDefinition } from '#workflows/dig/definition.ts'
import type { Project, Revision, Workflow } from './types.ts'

/** A checked revision, ready to be kept. */
export interface NewRevision {
  readonly project: string
  readonly revision: string
  readonly archive: Buffer
  /** Base64 of the archive's MD5, as Digdag shows it. */
  readonly archiveMd5: string
  readonly workflows: readonly {
    readonly definition: WorkflowDefinition
    /** Temporal workflow type. */
    readonly workflowType: string
  }[]
  /** First times of each scheduled workflow (by name), and what follows its last session if it ever ran. */
  readonly firstTimes: (
    schedule: ScheduleDefinition,
    lastSessionTime: Date | null,
  ) => { readonly runTime: Date; readonly sessionTime: Date }
}

/** What a push changed: schedules to create or update, and to delete, in Temporal. */
export interface Pushed {
  readonly project: Project
  readonly workflows: readonly Workflow[]
  readonly schedules: readonly import('./types.ts').Schedule[]
  readonly removedSchedules: readonly import('#workflows/domain/ids.ts').ScheduleId[]
}

export interface Projects {
  /**
   * Keeps a revision, its workflows and its schedules in one transaction, creating the project when
   * it is new. Answers `'revision-exists'` when the project has a revision of that name.
   */
  push(revision: NewRevision): Promise<Pushed | 'revision-exists'>
  find(id: ProjectId): Promise<Project | undefined>
  findByName(name: string): Promise<Project | undefined>
  /** Newest first. `namePattern`: a part of the name. `lastId`: only ids below it. */
  list(filter: {
    readonly count: number
    readonly lastId?: ProjectId
    readonly namePattern?: string
  }): Promise<readonly Project[]>
  /** Soft delete: frees the name, deletes the schedules, keeps the history. */
  delete(id: ProjectId): Promise<Project | undefined>
  /** Newest first, at most 100. */
  revisions(
    id: ProjectId,
    filter: { readonly lastId?: RevisionId; readonly name?: string },
  ): Promise<readonly Revision[]>
  /** The archive (tar.gz) of a revision; the latest without a name. */
  archive(id: ProjectId, revision?: string): Promise<{ readonly revision: Revision; readonly archive: Buffer } | undefined>
  /** The archive an attempt was started with. */
  archiveOfRevision(id: RevisionId): Promise<Buffer | undefined>
}
