import { textOf } from '#archive/text.ts'
import { mostBytes } from '#archive/limits.ts'
import { readArchive } from '#archive/read.ts'
import type { ProjectTexts } from '#workflows/dig/index.ts'
import { asTaskFailure } from './unusable.ts'

/** All files of an archive as texts, by their paths from the root: what `call>` and `!include` read. */
export async function readTexts(archive: Buffer): Promise<ProjectTexts> {
  const files = await asTaskFailure(readArchive(archive, mostBytes))
  return {
    has: (path) => files.has(path),
    keys: () => files.keys()[Symbol.iterator]() as MapIterator<string>,
    get(path) {
      const bytes = files.get(path)
      return bytes === undefined ? undefined : textOf(bytes)
    },
  }
}
