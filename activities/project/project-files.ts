import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mostBytes } from '#archive/limits.ts'
import { normalised } from '#archive/path.ts'
import { readFileOf } from '#archive/read.ts'
import { unpackInto } from '#archive/unpack.ts'
import { configError } from '../failure.ts'
import type { ProjectTexts } from '#workflows/dig/index.ts'
import { removeFolder } from './remove-folder.ts'
import { textOf } from '#archive/text.ts'
import { readTexts } from './texts.ts'
import { asTaskFailure } from './unusable.ts'

/** The files of the attempt's revision. */
export interface ProjectFiles {
  /** A folder with the files, private to this run and removed after it. */
  directory(): Promise<string>
  /** A file's text; the path is relative to the project's root. */
  text(path: string): Promise<string>
  /** All files as texts, by their paths from the root. */
  texts(): Promise<ProjectTexts>
}

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
      const bytes = await archive()
      await asTaskFailure(unpackInto(root, bytes, mostBytes))
      return root
    } catch (error) {
      await rm(root, { recursive: true, force: true })
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
      if (found === undefined) throw configError(`File not found: ${name}`, 'FILE_NOT_FOUND')
      return found
    },
    texts: async () => readTexts(await archive()),
    async remove() {
      const root = await folder?.catch(() => undefined)
      if (root !== undefined) await removeFolder(root)
    },
  }
}

async function fromArchive(archive: Buffer, name: string): Promise<string | undefined> {
  const path = normalised(name)
  if (path === undefined) return undefined
  const found = await asTaskFailure(readFileOf(archive, path, mostBytes))
  return found === undefined ? undefined : textOf(found)
}

/** Also finds what the task itself has written there, but nothing outside. */
async function fromFolder(root: string, name: string): Promise<string | undefined> {
  const wanted = placeIn(root, name)
  if (wanted === undefined) return undefined
  try {
    const place = placeIn(root, path.relative(root, await realpath(wanted)))
    return place === undefined ? undefined : textOf(await readFile(place))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (notThere.has(code)) return undefined
    throw error
  }
}

const notThere: ReadonlySet<string> = new Set([
  ...['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'],
])

/** The place of a path below `root`; undefined when it would be elsewhere. */
function placeIn(root: string, name: string): string | undefined {
  const place = path.resolve(root, name)
  const inside = place === root || place.startsWith(root + path.sep)
  return path.isAbsolute(name) || name.includes('\0') || !inside ? undefined : place
}
