import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text as readText } from 'node:stream/consumers'
import { configError } from '../failure.ts'
import type { ProjectFiles } from '../task/operator.ts'
import { removeFolder } from './remove-folder.ts'
import { readTexts } from './texts.ts'
import { eachEntry, placeOf, unpack, UnsafeArchiveError } from './unpack.ts'

/** The files of one run; whoever made them removes them after it. */
export interface RunFiles extends ProjectFiles {
  remove(): Promise<void>
}

export interface RunFilesOptions {
  /** The revision's archive, a `tar.gz`. */
  readonly archive: () => Promise<Buffer>
  /** Where temporary folders are made. */
  readonly temporary?: string
}

/** Nothing is read or unpacked before somebody asks for it. */
export function createRunFiles({ archive, temporary = tmpdir() }: RunFilesOptions): RunFiles {
  let folder: Promise<string> | undefined

  const extracted = async (): Promise<string> => {
    await mkdir(temporary, { recursive: true })
    const root = await realpath(await mkdtemp(path.join(temporary, 'suiro-')))
    try {
      await unpack(await archive(), root)
      return root
    } catch (error) {
      await rm(root, { recursive: true, force: true })
      if (error instanceof UnsafeArchiveError) throw configError(error.message)
      throw error
    }
  }

  return {
    directory: () => (folder ??= extracted()),
    async text(name) {
      const found =
        folder === undefined
          ? await fromArchive(await archive(), name)
          : await fromFolder(await folder, name)
      if (found === undefined) throw configError(`File not found: ${name}`)
      return found
    },
    texts: async () => readTexts(await archive()),
    async remove() {
      const root = await folder?.catch(() => undefined)
      if (root !== undefined) await removeFolder(root)
    },
  }
}

const normalised = (name: string): string => path.posix.normalize(name)

async function fromArchive(archive: Buffer, name: string): Promise<string | undefined> {
  let found: string | undefined
  await eachEntry(archive, async ({ header, content }) => {
    if (header.type !== 'file' || normalised(header.name) !== normalised(name)) return 'go on'
    found = await readText(content)
    return 'stop'
  })
  return found
}

/** Also finds what the task itself has written there, but nothing outside. */
async function fromFolder(root: string, name: string): Promise<string | undefined> {
  try {
    const place = await realpath(placeOf(root, name))
    return await readFile(placeOf(root, path.relative(root, place)), 'utf8')
  } catch (error) {
    if (error instanceof UnsafeArchiveError) return undefined
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined
    throw error
  }
}
