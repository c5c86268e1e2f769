import type { ProjectId, SessionId } from '#workflows/domain/ids.ts'
import type { Session } from './types.ts'

export interface Sessions {
  find(id: SessionId): Promise<Session | undefined>
  /** Newest first. */
  list(filter: {
    readonly projectId?: ProjectId
    readonly workflowName?: string
    readonly lastId?: SessionId
    readonly count: number
  }): Promise<readonly Session[]>
}
