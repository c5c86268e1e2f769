import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { tarGz } from '#archive/pack.ts'
import type { Store } from '#store/index.ts'
import { newWorkflow, type NewWorkflow } from '#store/new-workflow.ts'
import { isTimezone } from '#workflows/calendar/index.ts'
import type { WorkflowDefinition } from '#workflows/dig/definition.ts'
import { compileBatch, formatProblem, type BatchFile } from '#workflows/dig/index.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { RevisionExists } from './errors.ts'
import type { Log } from '#services/shared/log.ts'
import type { Push } from './push/push.ts'

/** A TypeScript batch as `workflows/batches/catalog.ts` lists it. */
export interface ListedBatch {
  readonly project: string
  readonly name: string
  readonly file: BatchFile
  readonly defaults: JsonObject
  readonly workflowType: string
  /** Folder of the repository, archived with the revision. */
  readonly files: string
}

export interface RegisterNeeds {
  readonly store: Pick<Store, 'projects' | 'batchReplicas'>
  readonly push: Pick<Push, 'compiled'>
  /** The repository's folder. */
  readonly root: string
  readonly log: Log
  /** This process, among the replicas of the API. */
  readonly replica?: string
  /** After so long without a sign a replica counts as gone. */
  readonly aliveSeconds?: number
}

/** The batches of one project, as this process has them. */
interface Content {
  readonly project: string
  /** Hash of all of it. */
  readonly name: string
  readonly archive: Buffer
  readonly workflows: readonly NewWorkflow[]
}

// G1. Batches are published like pushed projects: one revision for each content, named by it, so that a start without
//     changes writes nothing, and of two replicas that start at once only one publishes.
// G2. While a roll-out is under way, a replica of the version before that starts again publishes nothing: its content
//     was published already, and a replica with the one in force lives.
// G3. When such replicas are gone, the deployment was rolled back: then the content that is left comes into force again.

/** Publishes the TypeScript batches of this process, and looks again now and then whether they are to be in force. */
export async function createBatchRegistry(
  batches: readonly ListedBatch[],
  needs: RegisterNeeds,
): Promise<{ look(): Promise<void> }> {
  const { store, push, log, replica = randomUUID(), aliveSeconds = 120 } = needs
  const contents = await Promise.all(
    [...Map.groupBy(batches, (batch) => batch.project)].map(([project, own]) =>
      contentOf(project, own, needs.root),
    ),
  )
  /** Projects of which a newer version is in force. */
  const waiting = new Set<string>()

  const actor = { kind: 'user', through: 'suiro' } as const
  const publish = async ({ project, name: content, archive, workflows }: Content) => {
    const mayPublish = async (): Promise<boolean> => {
      const standing = await store.batchReplicas.see({ replica, project, content }, aliveSeconds)
      if (standing === 'older' && !waiting.has(project)) {
        log.info({ project, content }, 'batches not registered: a newer version of them is running')
      }
      if (standing === 'older') waiting.add(project)
      else waiting.delete(project)
      return standing === 'publish'
    }
    for (let number = 1; await mayPublish(); number += 1) {
      const revision = number === 1 ? content : `${content}-${number}`
      try {
        await push.compiled({ project, revision, archive, clearSchedules: [], actor }, workflows)
        log.info({ project, revision }, 'batches registered')
        return
      } catch (error) {
        if (!(error instanceof RevisionExists)) throw error
      }
    }
  }

  let first = true
  return {
    async look() {
      for (const content of contents) {
        // Who deletes the project while this process runs wants it to be gone.
        const gone = (await store.projects.findByName(content.project)) === undefined
        if (first || !gone) await publish(content)
      }
      first = false
    },
  }
}

async function contentOf(
  project: string,
  batches: readonly ListedBatch[],
  root: string,
): Promise<Content> {
  const files = batches.map((batch) => batch.files)
  const archive = await archiveFolders(root, files)
  const compiledOnes = batches.map((batch) => [compiled(batch), batch.workflowType] as const)
  return {
    project,
    name: contentName(archive, compiledOnes),
    archive,
    workflows: compiledOnes.map((one) => newWorkflow(...one)),
  }
}

/** A batch as a push compiles a `.dig` file; throws with all mistakes. */
function compiled({ project, name, file, defaults }: ListedBatch): WorkflowDefinition {
  const { workflow, problems } = compileBatch(name, file, { isTimezone })
  if (problems.length > 0) {
    throw new Error(
      [`The TypeScript batch ${project}/${name} is wrong:`, ...problems.map(formatProblem)].join(
        '\n',
      ),
    )
  }
  return { ...workflow, defaults }
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
