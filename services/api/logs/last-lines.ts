/** Where the last lines of a text begin, or how many of them begin before it. */
export type LineStart = { readonly index: number } | { readonly left: number }

/**
 * Goes back over so many ends of lines, at least one, and answers the place behind the last of them. `closed`: a line
 * feed at the text's very end is the end of its last line, and is not counted.
 */
export function backOverLines(text: string, count: number, closed: boolean): LineStart {
  let left = count
  let at = closed && text.endsWith('\n') ? text.length - 1 : text.length
  while (at > 0) {
    const end = text.lastIndexOf('\n', at - 1)
    if (end < 0) break
    left -= 1
    if (left === 0) return { index: end + 1 }
    at = end
  }
  return { left }
}

export function countLineEnds(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
