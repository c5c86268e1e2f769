import { constants } from 'node:fs'
import { open, realpath, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { checkFileName, checkOutput } from '../file-name.ts'
import type { Found, Place, PlaceRequest } from '../place.ts'
import { noPlainFile, tooLarge } from '../refused.ts'

/** The files of a place that lie in a folder of this machine, which the command sees at the same path. */
export function exchange(
  scratch: string,
  { outputs }: Pick<PlaceRequest, 'outputs'>,
): Pick<Place, 'put' | 'output' | 'read' | 'close'> {
  for (const name of outputs) checkFileName(name)
  const output = (name: string): string => {
    checkOutput(outputs, name)
    return join(scratch, name)
  }
  return {
    output,
    async put(name, content) {
      checkFileName(name)
      const file = join(scratch, name)
      await writeFile(file, content, { mode: 0o600 })
      return file
    },
    read: async (name, mostBytes) => readPlainFile(scratch, output(name), mostBytes),
    async close() {
      // What a command closed to others goes with the project's folder.
      await rm(scratch, { recursive: true, force: true }).catch(() => undefined)
    },
  }
}

async function readPlainFile(folder: string, file: string, mostBytes: number): Promise<Found> {
  // The command may have replaced its folder by a link to somewhere else.
  if ((await realpath(folder).catch(() => undefined)) !== folder) {
    return { kind: 'refused', why: 'its folder is gone or leads elsewhere' }
  }
  const handle = await openPlain(file)
  if ('kind' in handle) return handle
  try {
    if (!(await handle.stat()).isFile()) return noPlainFile
    const bytes = await readUpTo(handle, mostBytes)
    return bytes === undefined
      ? tooLarge(mostBytes)
      : { kind: 'file', text: bytes.toString('utf8') }
  } finally {
    await handle.close()
  }
}

/** A pipe would be waited for without end, and a link could lead to any file of the worker. */
const plainOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

async function openPlain(file: string): Promise<FileHandle | Found> {
  try {
    return await open(file, plainOnly)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') return { kind: 'nothing' }
    if (code === 'ELOOP' || code === 'ENXIO') return noPlainFile
    if (code === 'EACCES') return { kind: 'refused', why: 'the worker may not read it' }
    throw error
  }
}

/** Undefined when there is more. */
async function readUpTo(handle: FileHandle, mostBytes: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of handle.createReadStream({
    autoClose: false,
  }) as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > mostBytes) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
