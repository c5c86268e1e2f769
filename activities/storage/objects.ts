import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Storage } from '@google-cloud/storage'
import { OperatorError } from '../failure.ts'
import { parseObjectUri } from './object-uri.ts'

/**
 * Writes an object in one request: it appears whole when all of it has arrived, or not at all, so that
 * a write that is repeated, or cut off by a lost worker, leaves one whole object under its name.
 */
export type WriteObject = (
  uri: string,
  content: Readable,
  signal: AbortSignal,
) => Promise<{ readonly bytes: number }>

/** Objects of Cloud Storage, by their `gs://` URI. */
export function createObjects(storage: Storage): { readonly writeObject: WriteObject } {
  return {
    async writeObject(uri, content, signal) {
      const { bucket, name } = parseObjectUri(uri)
      const file = storage.bucket(bucket).file(name)
      try {
        await pipeline(content, file.createWriteStream({ resumable: false }), { signal })
      } catch (error) {
        signal.throwIfAborted()
        throw new OperatorError(`Cannot write ${uri}: ${(error as Error).message}`, {
          cause: error,
        })
      }
      return { bytes: Number(file.metadata.size) }
    },
  }
}
