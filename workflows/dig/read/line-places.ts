import { LineCounter } from 'yaml'
import type { Place } from '../problem.ts'

/** Of a longer line only the words around the place are shown. */
const longestLine = 200

/** Where an offset of a text is; lines end as YAML has them, by LF or CR LF. */
export function placesIn(file: string, text: string): (offset: number) => Place {
  const counter = new LineCounter()
  counter.addNewLine(0)
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    counter.addNewLine(at + 1)
  }
  return (offset) => {
    const { line, col } = counter.linePos(Math.min(offset, text.length))
    const start = counter.lineStarts[line - 1] ?? 0
    const next = counter.lineStarts[line]
    const end = next === undefined ? text.length : next - 1
    return { file, line, column: col, text: words(text, start, end, start + col - 1) }
  }
}

function words(text: string, start: number, end: number, at: number): string {
  if (end - start <= longestLine) return text.slice(start, end).replace(/\r$/, '')
  const from = Math.max(start, at - longestLine / 2)
  const to = Math.min(end, from + longestLine)
  return `${from > start ? '…' : ''}${text.slice(from, to)}${to < end ? '…' : ''}`.toWellFormed()
}
