import { stripVTControlCharacters } from 'node:util'
import { shorten } from '#workflows/domain/cut.ts'

/** Of what a command prints, as much as anybody reads in a sentence. */
const mostLines = 5
const mostCharacters = 1_000
/** Kept while it prints: more, since secrets are taken out and blank lines left out before it is cut. */
const mostKept = 64 * 1024

/** Keeps the end of what a command prints. */
export function createTail() {
  let kept = ''
  let isCut = false
  return {
    add(text: string): void {
      kept += text
      if (kept.length <= 2 * mostKept) return
      isCut = true
      kept = kept.slice(-mostKept)
    },
    /** All that is kept, from the beginning of a line on. */
    text: (): string => (isCut ? kept.slice(kept.indexOf('\n') + 1) : kept),
  }
}

/** The last lines of what a command printed, for a sentence; empty where there are none. */
export function lastLines(printed: string, mask: (text: string) => string): string {
  const lines = mask(plain(printed))
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
  const last = lines.slice(-mostLines)
  const whole = last.slice(firstFrame(lines, last))
  for (;;) {
    const text = whole.join('\n')
    if (text.length <= mostCharacters) return text
    if (whole.length === 1) return shorten(text, mostCharacters)
    whole.shift()
  }
}

/** Without colours and other control characters; of a line that was drawn anew (`10 %\r20 %`) what was last seen. */
const plain = (text: string): string =>
  stripVTControlCharacters(text)
    .split(/\r?\n/)
    .map((line) => line.slice(line.trimEnd().lastIndexOf('\r') + 1))
    .join('\n')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')

/** In the middle of a Python stack they begin with a whole frame, or with the exception alone. */
function firstFrame(lines: readonly string[], last: readonly string[]): number {
  const stack = lines.findLastIndex((line) => line.startsWith('Traceback (most recent call last):'))
  const before = lines.length - last.length
  if (stack === -1 || stack >= before || !/^\s/.test(last[0] ?? '')) return 0
  const frame = last.findIndex((line) => /^ {2}File "/.test(line) || /^\S/.test(line))
  return Math.max(frame, 0)
}
