import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'

export type EntryHeader = Partial<Header> & Pick<Header, 'name'>

/** Packs entries as a tar.gz; the same entries give the same bytes. */
export async function tarGz(
  entries: Iterable<readonly [header: EntryHeader, content?: string | Buffer]>,
): Promise<Buffer> {
  const tar = pack()
  const bytes = buffer(tar)
  for (const [header, content] of entries) {
    tar.entry({ mtime: new Date(0), ...header }, content ?? '')
  }
  tar.finalize()
  return gzipSync(await bytes)
}
