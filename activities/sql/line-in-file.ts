import { linesOf } from './place.ts'

/**
 * The line of a file that a line of its evaluated text comes from; undefined where that is not clear. They differ
 * below a `${…}` that came to several lines.
 */
export function lineInFile(file: string, text: string, line: number): number | undefined {
  const written = linesOf(file)
  const evaluated = linesOf(text)
  if (written.length === evaluated.length) return line
  const same = (at: number, of: number): boolean => matches(written[at], evaluated[of])
  const above = evaluated.slice(0, line).every((_, index) => same(index, index))
  const shift = evaluated.length - written.length
  const below = evaluated
    .slice(line - 1)
    .every((_, index) => same(line - 1 + index - shift, line - 1 + index))
  if (above === below) return undefined
  return above ? line : line - shift
}

const expression = /\$\{[^}]*\}/

/** Whether a line may have come to this text: what is not `${…}` is as it was written. */
function matches(written: string | undefined, evaluated: string | undefined): boolean {
  if (written === undefined || evaluated === undefined) return false
  if (!expression.test(written)) return written === evaluated
  let from = 0
  const pieces = written.split(new RegExp(expression, 'g'))
  for (const [index, piece] of pieces.entries()) {
    const at =
      index === pieces.length - 1 ? evaluated.length - piece.length : evaluated.indexOf(piece, from)
    if (at < from || !evaluated.startsWith(piece, at) || (index === 0 && at !== 0)) return false
    from = at + piece.length
  }
  return true
}
