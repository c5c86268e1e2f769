import { StringDecoder } from 'node:string_decoder'
import { startOf } from '#workflows/domain/cut.ts'
import type { Print } from '../log/task-log.ts'

/** A line of this length is not held back for its end. */
const longestLine = 64 * 1024

/** Cuts a stream of bytes at line ends; characters and lines that come in pieces are put together. */
export function createLines(onOutput: Print) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    take(bytes: Buffer): Promise<void> | void {
      const added = decoder.write(bytes)
      // There is none in what is held back.
      const lineEnd = added.lastIndexOf('\n') + 1
      const end = lineEnd === 0 ? 0 : rest.length + lineEnd
      rest += added
      const cut = rest.length - end > longestLine ? rest.length : end
      if (cut === 0) return
      const text = startOf(rest, cut)
      rest = rest.slice(text.length)
      return onOutput(text)
    },
    end(): Promise<void> | void {
      const last = rest + decoder.end()
      rest = ''
      if (last !== '') return onOutput(last)
    },
  }
}
