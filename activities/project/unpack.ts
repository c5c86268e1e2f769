import { createWriteStream } from 'node:fs'
import { mkdir, realpath, symlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'

/** An archive names a place outside its folder, or is larger than any project may be. */
export class UnsafeArchiveError extends Error {}

/** All files of a project together; a small archive may unpack to far more than it was. */
const mostBytes = 2 ** 30

interface Entry {
  readonly header: Header
  readonly content: AsyncIterable<Uint8Array>
}

/** Walks the entries of a `tar.gz`; what is not read of an entry is skipped. */
export async function eachEntry(
  archive: Buffer,
  visit: (entry: Entry) => Promise<'go on' | 'stop'>,
): Promise<void> {
  const entries = extract()
  const gunzip = createGunzip()
  const feeding = pipeline(Readable.from([archive]), gunzip, entries)
  // A stop ends the stream early, which is not a failure; any other shows in the walk itself.
  feeding.catch(() => undefined)
  try {
    for await (const entry of entries) {
      if ((await visit({ header: entry.header, content: bytesOf(entry) })) === 'stop') return
      entry.resume()
    }
  } finally {
    gunzip.destroy()
    entries.destroy()
  }
}

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const bytes of entry) if (bytes instanceof Uint8Array) yield bytes
}

/** The place of an entry below `root`; throws when it would be elsewhere. */
export function placeOf(root: string, name: string): string {
  const place = path.resolve(root, name)
  if (path.isAbsolute(name) || name.includes('\0') || !isWithin(root, place)) {
    throw new UnsafeArchiveError(`The archive holds a path outside of the project: ${name}`)
  }
  return place
}

/** Extracts an archive into a folder that is there and empty. */
export async function unpack(archive: Buffer, root: string): Promise<void> {
  const links: { readonly place: string; readonly target: string; readonly name: string }[] = []
  let bytes = 0
  await eachEntry(archive, async ({ header, content }) => {
    const place = placeOf(root, header.name)
    bytes += header.size
    if (bytes > mostBytes) throw new UnsafeArchiveError('The archive unpacks to more than 1 GB')
    if (header.type === 'directory') {
      await mkdir(place, { recursive: true })
    } else if (header.type === 'file' || header.type === 'contiguous-file') {
      await mkdir(path.dirname(place), { recursive: true })
      // 'wx': nothing that an earlier entry made is written through.
      const mode = (header.mode & 0o777) | 0o600
      const writing = pipeline(content, createWriteStream(place, { flags: 'wx', mode }))
      await onlyOnce(writing, header.name)
    } else if (header.type === 'symlink') {
      links.push({ place, target: header.linkname, name: header.name })
    } else {
      throw new UnsafeArchiveError(`The archive holds a ${header.type}: ${header.name}`)
    }
    return 'go on'
  })
  // Links come last, so that no file is written through one.
  for (const { place, target, name } of links) await link(root, place, target, name)
}

async function link(root: string, place: string, target: string, name: string): Promise<void> {
  const outside = new UnsafeArchiveError(
    `The archive links out of the project: ${name} → ${target}`,
  )
  const meant = path.resolve(path.dirname(place), target)
  if (path.isAbsolute(target) || !isWithin(root, meant)) throw outside
  await mkdir(path.dirname(place), { recursive: true })
  const folder = await realpath(path.dirname(place))
  // Links that lead over links may end elsewhere than their texts say.
  const real = await realpath(path.resolve(folder, target)).catch(() => meant)
  if (!isWithin(root, folder) || !isWithin(root, real)) throw outside
  await onlyOnce(symlink(target, place), name)
}

/** Where two entries of one name meet, neither is to be trusted. */
async function onlyOnce(writing: Promise<void>, name: string): Promise<void> {
  try {
    await writing
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EEXIST') throw error
    throw new UnsafeArchiveError(`The archive holds two entries of one name: ${name}`)
  }
}

const isWithin = (root: string, place: string): boolean =>
  place === root || place.startsWith(root + path.sep)
