import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { tarGz, type EntryHeader } from '#archive/pack.ts'

export interface Archive {
  readonly content: Buffer
  /** The same files always have the same name. */
  readonly revision: string
}

/** A project's folder as `digdag push` would send it: without dot files, in order of path. */
export async function archiveFolder(folder: string): Promise<Archive> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !/(?:^|\/)(?:\.|__pycache__)/.test(path))
    .sort()
  const packed: [EntryHeader, Buffer][] = []
  const hash = createHash('sha256')
  for (const path of paths) {
    const content = await readFile(join(folder, path))
    const { mode } = await stat(join(folder, path))
    hash.update(`${path}\0`).update(content)
    packed.push([{ name: path, mode: mode & 0o777 }, content])
  }
  return { content: await tarGz(packed), revision: hash.digest('hex').slice(0, 12) }
}
