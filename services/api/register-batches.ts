import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { tarGz } from '#archive/pack.ts'
import type { Store } from '#store/index.ts'
import { newWorkflow } from '#store/new-workflow.ts'
import type { WorkflowDefinition } from '#workflows/dig/definition.ts'
import { RevisionExists } from './errors.ts'
import type { Log } from '#services/shared/log.ts'
import type { Push } from './push/push.ts'

/** A TypeScript batch as `workflows/batches/catalog.ts` lists it. */
export interface ListedBatch {
  readonly project: string
  readonly definition: WorkflowDefinition
  readonly workflowType: string
  /** Folder of the repository, archived with the revision. */
  readonly files: string
}

export interface RegisterNeeds {
  readonly store: Pick<Store, 'projects'>
  readonly push: Pick<Push, 'compiled'>
  /** The repository's folder. */
  readonly root: string
  readonly log: Log
}

/**
 * Makes TypeScript batches known like pushed ones: one revision for each project, named by its content,
 * so that a start without changes writes nothing.
 */
export async function registerBatches(
  batches: readonly ListedBatch[],
  { store, push, root, log }: RegisterNeeds,
): Promise<void> {
  for (const [project, own] of Map.groupBy(batches, (batch) => batch.project)) {
    const archive = await archiveFolders(
      root,
      own.map(({ files }) => files),
    )
    const workflows = own.map(({ definition, workflowType }) => ({ definition, workflowType }))
    const content = contentName(archive, workflows)
    const latest = (await store.projects.findByName(project))?.revision
    if (latest?.split('-')[0] === content) continue
    const revision = await keep(content, (name) =>
      push.compiled(
        { project, revision: name, archive, clearSchedules: [] },
        own.map(({ definition, workflowType }) => newWorkflow(definition, workflowType)),
      ),
    )
    log.info({ project, revision }, 'batches registered')
  }
}

/** An earlier content that comes back (a deployment rolled back) gets a new number behind its name. */
async function keep(content: string, push: (name: string) => Promise<unknown>): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? content : `${content}-${number}`
    try {
      await push(name)
      return name
    } catch (error) {
      if (!(error instanceof RevisionExists)) throw error
    }
  }
}

const contentName = (...parts: readonly unknown[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(Buffer.isBuffer(part) ? part : JSON.stringify(part))
  return hash.digest('hex').slice(0, 16)
}

/** The same bytes for the same files: sorted, without times and owners. */
async function archiveFolders(root: string, folders: readonly string[]): Promise<Buffer> {
  const files = new Map<string, Buffer>()
  for (const folder of new Set(folders)) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((found) => found.isFile())) {
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(join(root, folder).length + 1)
      files.set(posix.normalize(name), await readFile(path))
    }
  }
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  return tarGz(sorted.map(([name, content]) => [{ name }, content]))
}
