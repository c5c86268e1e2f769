import { posix } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { ArchiveDamaged, ArchiveNotGzip, ArchiveTooLarge, ArchiveUnsafe } from '../errors.ts'

/** A project's files by their paths, in the archive's order. */
export type ProjectFiles = ReadonlyMap<string, Buffer>

/**
 * Unpacks a tar.gz in memory. What it holds is not to be trusted: sizes are limited while it is read,
 * and a path or a link that leads outside refuses the whole archive.
 */
export async function unpack(archive: Buffer, maxBytes: number): Promise<ProjectFiles> {
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) throw new ArchiveNotGzip()
  const files = new Map<string, Buffer>()
  const links: { readonly name: string; readonly target: string }[] = []
  let total = 0

  const read = async (header: Header, content: AsyncIterable<unknown>): Promise<void> => {
    const { type, linkname } = header
    const name = safePath(header.name)
    switch (type) {
      case 'directory':
        break
      case 'file':
      case 'contiguous-file': {
        total += header.size
        if (total > maxBytes) throw new ArchiveTooLarge(maxBytes)
        files.set(name, await buffer(content as AsyncIterable<Uint8Array>))
        break
      }
      case 'symlink':
        links.push({ name, target: safePath(linkname, posix.dirname(name)) })
        break
      case 'link':
        links.push({ name, target: safePath(linkname) })
        break
      case 'fifo':
      case 'block-device':
      case 'character-device':
        throw new ArchiveUnsafe(
          `"${name}" is a ${type}; only files, folders and links can be pushed`,
        )
    }
  }

  const tar = extract()
  const reading = (async () => {
    for await (const entry of tar) {
      await read(entry.header, entry)
      entry.resume()
    }
  })()
  // Headers and padding take room besides the files; far more than that is an attack.
  const feeding = pipeline(
    Readable.from([archive]),
    createGunzip(),
    atMost(2 * maxBytes + 16 * 1024 * 1024, () => new ArchiveTooLarge(maxBytes)),
    tar,
  )
  const failures = (await Promise.allSettled([reading, feeding])).flatMap((side) =>
    side.status === 'rejected' ? [side.reason as unknown] : [],
  )
  if (failures.length > 0) throw readable(failures)

  for (const { name, target } of links) {
    const content = files.get(target)
    if (content !== undefined) files.set(name, content)
  }
  return files
}

function safePath(path: string, from = ''): string {
  const inside = posix.normalize(posix.join(from, path)).replace(/^\.\/|\/$/g, '')
  const outside = path.startsWith('/') || inside === '..' || inside.startsWith('../')
  if (outside || path === '' || /[\0\\]/.test(path)) {
    throw new ArchiveUnsafe(`the path "${path}" leads outside the project`)
  }
  return inside
}

function atMost(bytes: number, tooMuch: () => Error): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      seen += chunk.length
      if (seen > bytes) done(tooMuch())
      else done(null, chunk)
    },
  })
}

/** Our own refusals as they are; what zlib and tar say inside a sentence. */
function readable(reasons: readonly unknown[]): Error {
  const ours = [ArchiveTooLarge, ArchiveUnsafe]
  const refusal = reasons.find((reason) => ours.some((kind) => reason instanceof kind))
  if (refusal instanceof Error) return refusal
  const [first] = reasons
  return new ArchiveDamaged(first instanceof Error ? first.message : String(first))
}
