/**
 * Finds where the code of a `${…}` that begins at a place of the text ends; undefined when it is never
 * closed. Braces in string literals, comments and regular expressions do not count; Digdag, which counts
 * them all, fails there. From code on that cannot be read so, braces are counted as Digdag counts them;
 * each text is given up at once, so that a hostile one is not read over and over.
 */
export function createCloser(text: string): (from: number) => number | undefined {
  let readable = true
  return (from) => {
    const close = readable ? readCode(text, from, 0) : undefined
    if (close !== undefined) return close
    readable = false
    return countBraces(text, from)
  }
}

function countBraces(text: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1
    else if (text[at] === '}' && depth === 0) return at
    else if (text[at] === '}') depth -= 1
  }
  return undefined
}

// One piece of JavaScript at a time; each pattern is anchored where the last one ended.
const space = /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y
const literal = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y
const pattern = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[\p{ID_Continue}]*/uy
const word = /[\p{ID_Continue}$]+/uy
const templatePiece = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y

/** After these a slash begins a regular expression, although they look like values. */
const operators = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
])

/** Template literals within template literals. */
const deepest = 20

/** The brace that closes the code at `from`; undefined where the code is not what we can read. */
function readCode(text: string, from: number, nesting: number): number | undefined {
  let at = from
  let depth = 0
  let afterValue = false
  const take = (form: RegExp): string | undefined => {
    form.lastIndex = at
    const found = form.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  while (at < text.length) {
    if (take(space) !== undefined) continue
    const found = take(literal) ?? (afterValue ? undefined : take(pattern))
    if (found !== undefined) {
      afterValue = true
      continue
    }
    const name = take(word)
    if (name !== undefined) {
      afterValue = !operators.has(name)
      continue
    }
    const character = text[at]
    // A literal, comment or regular expression that does not end.
    if (character === '"' || character === "'") return undefined
    if (character === '/' && (!afterValue || text[at + 1] === '*')) return undefined
    if (character === '`') {
      const end = readTemplate(text, at + 1, nesting + 1)
      if (end === undefined) return undefined
      at = end
      afterValue = true
      continue
    }
    if (character === '}' && depth === 0) return at
    if (character === '{') depth += 1
    if (character === '}') depth -= 1
    afterValue = character === ')' || character === ']' || character === '}'
    at += 1
  }
  return undefined
}

/** The place after the template literal whose inside begins at `from`. */
function readTemplate(text: string, from: number, nesting: number): number | undefined {
  if (nesting > deepest) return undefined
  let at = from
  for (;;) {
    templatePiece.lastIndex = at
    at += templatePiece.exec(text)?.[0].length ?? 0
    if (text[at] === '`') return at + 1
    if (text[at] !== '$') return undefined
    const end = readCode(text, at + 2, nesting)
    if (end === undefined) return undefined
    at = end + 1
  }
}
