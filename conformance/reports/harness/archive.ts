import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { Entry } from './report.ts'

/** A project's archive with whatever entries, in their order. */
export async function archiveWith(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack()
  for (const { name, type = 'file', to, content = '', mode = '644' } of entries) {
    const header = { name, type, mode: Number.parseInt(mode, 8) }
    if (type === 'file') archive.entry(header, content)
    else archive.entry({ ...header, ...(to !== undefined && { linkname: to }) })
  }
  archive.finalize()
  return gzipSync(await buffer(archive))
}
