import { startOf } from '#workflows/domain/cut.ts'

/** Puts a mark before each line of several texts that come in pieces, whichever has gone on. */
export interface LineMarker {
  /** The lines that are whole now; the beginning of another waits for its end. */
  add(source: number, mark: string, text: string): string
  /** What still waits, as lines. */
  rest(): string
}

// A longer line is cut into several; and so many characters of all texts may wait.
const longestLine = 64 * 1024
const mostWaiting = 1024 * 1024

export function createLineMarker(): LineMarker {
  const waiting = new Map<number, { readonly mark: string; readonly text: string }>()
  let waits = 0
  const hold = (source: number, mark: string, text: string): void => {
    waits += text.length
    if (text !== '') waiting.set(source, { mark, text })
  }
  const lines = (mark: string, text: string): string =>
    text === '' ? '' : `${mark} | ${text.slice(0, -1).replaceAll('\n', `\n${mark} | `)}\n`

  return {
    add(source, mark, text) {
      const before = waiting.get(source)?.text ?? ''
      waiting.delete(source)
      waits -= before.length
      const all = before + text
      const end = all.lastIndexOf('\n') + 1
      let open = all.slice(end)
      let marked = lines(mark, all.slice(0, end))
      while (open.length > longestLine || (open !== '' && waits + open.length > mostWaiting)) {
        const part = startOf(open, longestLine)
        marked += lines(mark, `${part}\n`)
        open = open.slice(part.length)
      }
      hold(source, mark, open)
      return marked
    },
    rest() {
      const marked = [...waiting.values()]
        .map(({ mark, text }) => lines(mark, `${text}\n`))
        .join('')
      waiting.clear()
      waits = 0
      return marked
    },
  }
}
