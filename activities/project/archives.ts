import type { Projects } from '#store/projects.ts'
import type { RevisionId } from '#workflows/domain/ids.ts'

/** Archives of revisions, the ones used last kept in memory. */
export type Archives = (revisionId: RevisionId) => Promise<Buffer>

const mostBytes = 64 * 2 ** 20

/** A revision never changes, so what is kept is never stale. */
export function createArchives(projects: Pick<Projects, 'archiveOfRevision'>): Archives {
  const kept = new Map<RevisionId, Buffer>()
  let bytes = 0
  return async (revisionId) => {
    const before = kept.get(revisionId)
    if (before !== undefined) {
      kept.delete(revisionId)
      kept.set(revisionId, before)
      return before
    }
    const archive = await projects.archiveOfRevision(revisionId)
    if (archive === undefined) throw new Error(`The files of revision ${revisionId} are gone`)
    if (!kept.has(revisionId)) bytes += archive.length
    kept.set(revisionId, archive)
    for (const [oldest, buffer] of kept) {
      if (bytes <= mostBytes) break
      kept.delete(oldest)
      bytes -= buffer.length
    }
    return archive
  }
}
