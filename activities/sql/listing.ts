import { startOf } from '#workflows/domain/cut.ts'
import { linesOf, type Place } from './place.ts'

/** A text of so many lines is shown whole, a longer one around the place that is marked. */
const mostLines = 30
const linesBefore = 12
const linesAfter = 6
/** Of a line, around the place. */
const longestLine = 240

/** SQL with the numbers of its lines, and the line of the place marked. */
export function listing(sql: string, place?: Place): string {
  const lines = linesOf(sql.trimEnd())
  const [from, to] = shown(lines.length, place)
  const width = String(to).length
  const blank = ' '.repeat(width)
  const numbered = lines.slice(from, to).flatMap((text, index) => {
    const line = from + index + 1
    const number = String(line).padStart(width)
    if (line !== place?.line) return [`  ${number} | ${cut(text).text}`.trimEnd()]
    const part = cut(text, place.at)
    const marked = `> ${number} | ${part.text}`.trimEnd()
    return part.at === undefined ? [marked] : [marked, `  ${blank} | ${indent(part)}^`]
  })
  return [...left(from, 'before'), ...numbered, ...left(lines.length - to, 'after')].join('\n')
}

function shown(count: number, place: Place | undefined): readonly [from: number, to: number] {
  if (count <= mostLines) return [0, count]
  if (place === undefined) return [0, mostLines]
  const line = Math.min(place.line, count)
  return [Math.max(0, line - 1 - linesBefore), Math.min(count, line + linesAfter)]
}

const left = (count: number, where: 'before' | 'after'): readonly string[] =>
  count === 0 ? [] : [`  … ${count} ${count === 1 ? 'line' : 'lines'} ${where}`]

interface Part {
  readonly text: string
  readonly at?: number
}

/** As much of a line as is shown, with the place in it. */
function cut(text: string, at?: number): Part {
  const from = at === undefined ? 0 : Math.max(0, at - longestLine / 2)
  const start = startOf(text, from).length
  const rest = text.slice(start)
  const kept = startOf(rest, longestLine)
  const before = start > 0 ? '…' : ''
  return {
    text: `${before}${kept}${kept.length < rest.length ? '…' : ''}`,
    ...(at !== undefined && { at: at - start + before.length }),
  }
}

/** Tabs are kept as tabs, so that the mark is under its place in any terminal. */
const indent = ({ text, at = 0 }: Part): string =>
  Array.from(text.slice(0, at), (character) => (character === '\t' ? '\t' : ' ')).join('')
