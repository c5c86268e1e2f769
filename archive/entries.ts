import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { ArchiveError } from './errors.ts'

export interface Entry {
  /** Its place among all entries, from 0. */
  readonly number: number
  readonly header: Header
  readonly content: AsyncIterable<Uint8Array>
}

/**
 * Walks the entries of a `tar.gz`; what is not read of an entry is skipped. Several gzip members are one
 * text, as for `gzip -d`, and a second tar behind the first is read on, as by `tar --ignore-zeros`.
 */
export async function eachEntry(
  archive: Uint8Array,
  maxBytes: number,
  visit: (entry: Entry) => Promise<'go on' | 'stop'>,
): Promise<void> {
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) {
    throw new ArchiveError('not-gzip', 'Input is not in the .gz format')
  }
  const tar = extract()
  const gunzip = createGunzip()
  let stopped = false
  let failed: { readonly error: unknown } | undefined
  const limited = async (entry: Entry): Promise<'go on' | 'stop'> => {
    try {
      return await visit(entry)
    } catch (error) {
      failed = { error }
      throw error
    }
  }
  const walk = async (): Promise<void> => {
    let number = 0
    let bytes = 0
    for await (const entry of tar) {
      const { header } = entry
      if (header.type === 'file' || header.type === 'contiguous-file') bytes += header.size
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      const next = await limited({ number: number++, header, content: bytesOf(entry) })
      if (next === 'stop') {
        stopped = true
        return
      }
      entry.resume()
    }
  }
  const [walking, feeding] = await Promise.allSettled([
    walk().finally(() => {
      // Ended early, for whatever reason: nothing goes on reading.
      if (stopped || failed !== undefined) gunzip.destroy()
    }),
    // Headers and padding take room besides the files; far more than that is an attack.
    pipeline(
      Readable.from([Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)]),
      gunzip,
      atMost(2 * maxBytes + 16 * 2 ** 20, () => tooLarge(maxBytes)),
      tar,
    ),
  ])
  if (stopped) return
  if (failed !== undefined) throw failed.error
  const reasons: readonly unknown[] = [walking, feeding].flatMap((side) =>
    side.status === 'rejected' ? [side.reason as unknown] : [],
  )
  if (reasons.length === 0) return
  throw unreadable(reasons.find((reason) => reason instanceof ArchiveError) ?? reasons[0])
}

const tooLarge = (maxBytes: number): ArchiveError =>
  new ArchiveError('too-large', `The files of the archive are larger than ${maxBytes} bytes`)

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

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of entry) if (bytes instanceof Uint8Array) yield bytes
  } catch (error) {
    throw unreadable(error)
  }
}

/** Our own refusals as they are; what zlib and tar say as damage. */
const unreadable = (error: unknown): ArchiveError =>
  error instanceof ArchiveError
    ? error
    : new ArchiveError('damaged', error instanceof Error ? error.message : String(error))
