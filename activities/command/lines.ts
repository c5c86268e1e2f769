import { StringDecoder } from 'node:string_decoder'

/** A line of this length is not held back for its end. */
const longestLine = 64 * 1024

/** Cuts a stream of bytes at line ends; characters and lines that come in pieces are put together. */
export function createLines(onOutput: (text: string) => void) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    take(bytes: Buffer): void {
      rest += decoder.write(bytes)
      const end = rest.lastIndexOf('\n') + 1
      const cut = rest.length - end > longestLine ? rest.length : end
      if (cut === 0) return
      onOutput(rest.slice(0, cut))
      rest = rest.slice(cut)
    },
    end(): void {
      rest += decoder.end()
      if (rest !== '') onOutput(rest)
      rest = ''
    },
  }
}
