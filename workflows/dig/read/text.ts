import type { Place, Problem } from '../problem.ts'

/** Digdag takes no larger archive, so no file that ran there is larger. */
const largestFile = 2 * 1024 * 1024

// What YAML allows in a file: no control characters but tab and line ends (YAML 1.1, 5.1).
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/

/** What makes a text none that can be read as YAML, or doubtful as one. */
export function unreadable(
  file: string,
  text: string,
  placeAt: (offset: number) => Place,
): { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] } {
  if (text.length > largestFile) {
    const problem: Problem = {
      code: 'TOO_LARGE',
      message: `${file} is larger than 2 MiB`,
      place: { file, line: 1, column: 1, text: '' },
      advice: 'Split it, or keep data in a file of its own that a task reads.',
    }
    return { problems: [problem], warnings: [] }
  }
  const at = control.exec(text)?.index
  if (at !== undefined) {
    const character = text.codePointAt(at)?.toString(16).toUpperCase().padStart(4, '0')
    const problem: Problem = {
      code: 'ENCODING',
      message: `special characters are not allowed: U+${character}`,
      place: placeAt(at),
      advice:
        character === '0000'
          ? 'Save the file as UTF-8 text; it looks like UTF-16 or like no text at all.'
          : 'Remove the character, or write it as an escape in double quotes, for example "\\x1B".',
    }
    return { problems: [problem], warnings: [] }
  }
  const strange = text.indexOf('\uFFFD')
  if (strange === -1) return { problems: [], warnings: [] }
  const warning: Problem = {
    code: 'ENCODING',
    message: `${file} holds bytes that are not UTF-8`,
    place: placeAt(strange),
    advice: 'Save the file as UTF-8: what was there is lost otherwise.',
  }
  return { problems: [], warnings: [warning] }
}
