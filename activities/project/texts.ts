import { text as readText } from 'node:stream/consumers'
import { eachEntry } from './unpack.ts'
import path from 'node:path'

/** All files of an archive as texts, by their paths from the root: what `call>` and `!include` read. */
export async function readTexts(archive: Buffer): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  await eachEntry(archive, async ({ header, content }) => {
    if (header.type === 'file') {
      texts.set(path.posix.normalize(header.name), await readText(content))
    }
    return 'go on'
  })
  return texts
}
