import { LRUCache } from 'lru-cache'
import type { Projects } from '#store/projects.ts'
import type { RevisionId } from '#workflows/domain/ids.ts'

/** Archives of revisions, the ones used last cached in memory. */
export type Archives = (revisionId: RevisionId) => Promise<Buffer>

const mostBytes = 64 * 2 ** 20

/** A revision never changes, so what is cached is never stale. */
export function createArchives(projects: Pick<Projects, 'archiveOfRevision'>): Archives {
  const cached = new LRUCache<RevisionId, Buffer>({
    maxSize: mostBytes,
    sizeCalculation: ({ length }) => Math.max(length, 1),
  })
  return async (revisionId) => {
    const before = cached.get(revisionId)
    if (before !== undefined) return before
    const archive = await projects.archiveOfRevision(revisionId)
    if (archive === undefined) throw new Error(`The files of revision ${revisionId} are gone`)
    cached.set(revisionId, archive)
    return archive
  }
}
