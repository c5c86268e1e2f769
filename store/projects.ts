import { pushRevision as push, type NewRevision, type Pushed } from './push.ts'
import { rowOf, rowsOf } from './queryable.ts'
import { transaction } from './transaction.ts'
import type { Pool } from 'pg'
import type { ProjectId, RevisionId } from '#workflows/domain/ids.ts'
import type { Project, Revision } from './types.ts'

export interface Projects {
  /**
   * Keeps a revision, its workflows and its schedules in one transaction, creating the project when
   * it is new. Answers `'revision-exists'` when the project has a revision of that name.
   */
  push(revision: NewRevision): Promise<Pushed | 'revision-exists'>
  find(id: ProjectId): Promise<Project | undefined>
  findByName(name: string): Promise<Project | undefined>
  /** Oldest first, as Digdag lists them. `namePattern`: a part of the name. `lastId`: only ids above it. */
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
  archive(
    id: ProjectId,
    revision?: string,
  ): Promise<{ readonly revision: Revision; readonly archive: Buffer } | undefined>
  /** The archive an attempt was started with; undefined when retention took it away. */
  archiveOfRevision(id: RevisionId): Promise<Buffer | undefined>
}

const projectSelect = `
  select p.id, p.name, r.name as revision, r.archive_md5 as "archiveMd5", p.created_at as "createdAt",
    p.updated_at as "updatedAt", p.deleted_at as "deletedAt"
  from projects p
  join lateral (
    select name, archive_md5 from revisions where project_id = p.id order by id desc limit 1
  ) r on true`

const revisionColumns = `
  id, project_id as "projectId", name, archive_md5 as "archiveMd5", created_at as "createdAt",
  archive_removed_at as "archiveRemovedAt"`

export function createProjects(pool: Pool): Projects {
  return {
    push: (revision) => transaction(pool, (client) => push(client, revision)),
    find: (id) => rowOf<Project>(pool, `${projectSelect} where p.id = $1`, [id]),
    findByName: (name) =>
      rowOf<Project>(pool, `${projectSelect} where p.name = $1 and p.deleted_at is null`, [name]),
    list: ({ count, lastId, namePattern }) =>
      rowsOf<Project>(
        pool,
        `${projectSelect}
        where p.deleted_at is null
          and ($1::bigint is null or p.id > $1)
          and ($2::text is null or position($2 in p.name) > 0)
        order by p.id limit $3`,
        [lastId ?? null, namePattern ?? null, count],
      ),
    async delete(id) {
      await transaction(pool, async (client) => {
        await client.query(
          'update projects set deleted_at = now(), updated_at = now() where id = $1 and deleted_at is null',
          [id],
        )
        await client.query(
          'update schedules set deleted_at = now() where project_id = $1 and deleted_at is null',
          [id],
        )
      })
      return rowOf<Project>(pool, `${projectSelect} where p.id = $1`, [id])
    },
    revisions: (id, { lastId, name }) =>
      rowsOf<Revision>(
        pool,
        `select ${revisionColumns} from revisions
        where project_id = $1 and ($2::bigint is null or id < $2) and ($3::text is null or name = $3)
        order by id desc limit 100`,
        [id, lastId ?? null, name ?? null],
      ),
    async archive(id, name) {
      const row = await rowOf<Revision & { archive: Buffer }>(
        pool,
        `select ${revisionColumns}, archive from revisions
        where project_id = $1 and ($2::text is null or name = $2) order by id desc limit 1`,
        [id, name ?? null],
      )
      if (row === undefined) return undefined
      const { archive, ...revision } = row
      return { revision, archive }
    },
    async archiveOfRevision(id) {
      const sql = 'select archive from revisions where id = $1 and archive_removed_at is null'
      return (await rowOf<{ archive: Buffer }>(pool, sql, [id]))?.archive
    },
  }
}
