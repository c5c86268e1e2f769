import { pipeline, type Readable, type Transform } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** The beginning of an answer's body. */
export interface Body {
  readonly text: string
  /** There was more than was asked for. */
  readonly cut: boolean
  /** There was more than is read. */
  readonly endless: boolean
}

const decoders: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

export interface BodyOptions {
  readonly encoding: string | undefined
  readonly type: string | undefined
  readonly mostBytes: number
  /** How much is read, whether it is stored or not; what is beyond is not awaited. */
  readonly mostRead: number
}

/** Reads a body to its end, or to where it is too long; keeps no more of it than asked for. */
export async function readBody(stream: Readable, options: BodyOptions): Promise<Body> {
  const { encoding, type, mostBytes, mostRead } = options
  const decoder = decoders.get(encoding?.trim().toLowerCase() ?? '')
  // A failure on the way destroys the decoder too, and so shows below.
  const source = decoder === undefined ? stream : pipeline(stream, decoder(), () => undefined)
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of source as AsyncIterable<Uint8Array>) {
    if (bytes < mostBytes) pieces.push(piece.subarray(0, mostBytes - bytes))
    bytes += piece.length
    // Leaving the loop closes the decoder and the connection.
    if (bytes > mostRead) break
  }
  const text = decoderOf(type).decode(Buffer.concat(pieces))
  return { text, cut: bytes > mostBytes, endless: bytes > mostRead }
}

/** By the charset of the content type; UTF-8 without one that is known. */
function decoderOf(type: string | undefined): TextDecoder {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type ?? '')?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder()
  }
}
