import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import { workflowColumns, workflowTables } from './workflow-row.ts'
import type { ProjectId, WorkflowId } from '#workflows/domain/ids.ts'
import type { Workflow } from './types.ts'
import { readable } from './workflow-format.ts'

export interface Workflows {
  find(id: WorkflowId): Promise<Workflow | undefined>
  /** Of the named revision, or of the project's latest. */
  findByName(projectId: ProjectId, name: string, revision?: string): Promise<Workflow | undefined>
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

export function createWorkflows(db: Queryable): Workflows {
  const select = `select ${workflowColumns} from ${workflowTables}`
  // A project's latest revision is the one with the greatest id.
  const inRevision = `
    w.revision_id = (
      select id from revisions where project_id = $1 and ($2::text is null or name = $2)
      order by id desc limit 1)`
  return {
    find: async (id) => readable(await rowOf<Workflow>(db, `${select} where w.id = $1`, [id])),
    findByName: async (projectId, name, revision) =>
      readable(
        await rowOf<Workflow>(db, `${select} where ${inRevision} and w.name = $3`, [
          projectId,
          revision ?? null,
          name,
        ]),
      ),
    ofProject: (projectId, revision) =>
      rowsOf<Workflow>(db, `${select} where ${inRevision} order by w.id`, [
        projectId,
        revision ?? null,
      ]),
    list: ({ count, lastId, order, namePattern, searchProjectName }) =>
      rowsOf<Workflow>(
        db,
        `${select}
        where p.deleted_at is null
          and w.revision_id = (select max(id) from revisions where project_id = w.project_id)
          and ($1::bigint is null or w.id ${order === 'asc' ? '>' : '<'} $1)
          and ($2::text is null or position($2 in w.name) > 0
               or ($3 and position($2 in p.name) > 0))
        order by w.id ${order === 'asc' ? 'asc' : 'desc'} limit $4`,
        [lastId ?? null, namePattern ?? null, searchProjectName ?? false, count],
      ),
  }
}
