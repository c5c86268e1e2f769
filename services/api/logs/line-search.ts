/** A line in which something was found; of a very long one, what is around it. */
export interface Hit {
  /** The byte of the whole text at which what is shown begins. */
  readonly byte: number
  readonly text: string
}

/** Looks for a text in the lines of another that comes in pieces; each line is answered once. */
export interface LineSearch {
  add(piece: string): readonly Hit[]
  /** In the last line, where it has no end. */
  rest(): readonly Hit[]
}

// Of a line without end so much is kept; of one in which something was found so much is shown, and before the place so much.
const longestLine = 64 * 1024
const longestShown = 2_000
const shownBefore = 200

export function createLineSearch(
  wanted: string,
  ignoreCase: boolean,
  /** The byte of the whole text at which the first piece begins. */
  firstByte: number,
): LineSearch {
  const find = ignoreCase
    ? findAnyCase(wanted)
    : (text: string, from: number) => text.indexOf(wanted, from)
  /** What is not looked through yet: a line whose end is missing, or the end of what was. */
  let held = ''
  let heldAt = firstByte

  const look = (text: string): Hit[] => {
    const hits: Hit[] = []
    let counted = 0
    let byte = heldAt
    for (let at = find(text, 0); at >= 0;) {
      const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
      const lineEnd = endOfLine(text, at)
      const short = lineEnd - lineStart <= longestShown
      const from = short ? lineStart : wholeFrom(text, Math.max(lineStart, at - shownBefore))
      const to = short ? lineEnd : wholeFrom(text, Math.min(lineEnd, from + longestShown))
      byte += Buffer.byteLength(text.slice(counted, from))
      counted = from
      hits.push({ byte, text: `${text.slice(from, to)}${to < lineEnd ? '…' : ''}` })
      at = lineEnd >= text.length ? -1 : find(text, lineEnd + 1)
    }
    return hits
  }

  return {
    add(piece) {
      const text = held + piece
      let end = text.lastIndexOf('\n') + 1
      let kept = end
      if (text.length - end > longestLine) {
        end = text.length
        // What is wanted may go on in the next piece, by all but its last character.
        kept = afterPair(text, end - wanted.length + 1)
      }
      const hits = end === 0 ? [] : look(text.slice(0, end))
      heldAt += Buffer.byteLength(text.slice(0, kept))
      held = text.slice(kept)
      return hits
    },
    rest() {
      const hits = look(held)
      heldAt += Buffer.byteLength(held)
      held = ''
      return hits
    },
  }
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

const isSecondHalf = (text: string, index: number): boolean =>
  (text.charCodeAt(index) & 0xfc00) === 0xdc00

/** The place itself, or the one before it, where a character of two halves begins. */
const wholeFrom = (text: string, index: number): number =>
  isSecondHalf(text, index) ? index - 1 : index

/** The same, but the place behind: what began before was looked at. */
const afterPair = (text: string, index: number): number =>
  isSecondHalf(text, index) ? index + 1 : index

function findAnyCase(wanted: string): (text: string, from: number) => number {
  const pattern = new RegExp(wanted.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), 'giu')
  return (text, from) => {
    pattern.lastIndex = from
    return pattern.exec(text)?.index ?? -1
  }
}
