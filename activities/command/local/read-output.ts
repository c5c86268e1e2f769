import type { Readable } from 'node:stream'
import type { Print } from '../../log/task-log.ts'
import { createLines } from '../lines.ts'

/**
 * Hands on what a program prints, no faster than it is taken: meanwhile the program waits at its full
 * pipe. `onFailure` hears of whatever goes wrong, since nobody catches what a stream's listener throws.
 */
export function readOutputOf(
  stream: Readable,
  onOutput: Print,
  onFailure: (error: unknown) => void,
): void {
  const lines = createLines(onOutput)
  const pass = async (step: () => Promise<void> | void): Promise<void> => {
    try {
      const room = step()
      if (room === undefined) return
      stream.pause()
      await room
      stream.resume()
    } catch (error) {
      onFailure(error)
    }
  }
  stream.on('data', (bytes: Buffer) => void pass(() => lines.take(bytes)))
  stream.once('end', () => void pass(() => lines.end()))
  stream.on('error', onFailure)
}
