import { CST } from 'yaml'
import type { Place, Problem } from '../problem.ts'

/** What the parser takes, and YAML 1.1 as Digdag reads it does not: tabs, escapes, names of anchors. */
export function strictProblems(
  lexemes: readonly string[],
  placeAt: (offset: number) => Place,
): readonly Problem[] {
  const problems: Problem[] = []
  let offset = 0
  let before: Kind = ''
  let isScalar = false
  for (const lexeme of lexemes) {
    if (marks.has(lexeme)) {
      isScalar = lexeme === CST.SCALAR
      continue
    }
    // A scalar's text comes behind a mark; it is plain, or the lines of a block.
    const kind: Kind = isScalar ? bodyOf(before) : (CST.tokenType(lexeme) ?? '')
    const found = mistakeIn(kind, lexeme, before)
    if (found !== undefined) {
      const { at, ...problem } = found
      problems.push({ code: 'YAML_SYNTAX', place: placeAt(offset + at), ...problem })
    }
    // A comment, and the end of its line, are between a block's head and its lines.
    const isHead = before === 'block-scalar-header'
    if (isScalar || !isHead || !/^(?:space|comment|newline)$/.test(kind)) before = kind
    isScalar = false
    offset += lexeme.length
  }
  return problems
}

type Kind = CST.TokenType | 'plain' | 'block' | ''

interface Mistake {
  readonly at: number
  readonly message: string
  readonly advice: string
}

/** Lexemes that say what comes, and are no text of the file. */
const marks: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR])

const bodyOf = (before: Kind): Kind => (before === 'block-scalar-header' ? 'block' : 'plain')

function mistakeIn(kind: Kind, lexeme: string, before: Kind): Mistake | undefined {
  switch (kind) {
    case 'space': {
      // Behind a word they are taken for its end.
      const at = before === 'plain' ? -1 : lexeme.indexOf('\t')
      return at === -1 ? undefined : tab(at)
    }
    case 'plain': {
      const line = /\n *\t/.exec(lexeme)
      return line === null ? undefined : tab(line.index + line[0].length - 1)
    }
    case 'double-quoted-scalar':
      return escape(lexeme)
    case 'anchor':
    case 'alias':
      return anchor(lexeme)
    default:
      return undefined
  }
}

const tab = (at: number): Mistake => ({
  at,
  message: "found character '\\t(TAB)' that cannot start any token",
  advice:
    'Write spaces instead: outside of quotes a tab may be neither at the start of a line nor before a value.',
})

/** YAML 1.2 took these over from JSON and from editors that align by tabs. */
function escape(lexeme: string): Mistake | undefined {
  for (const { 1: character = '', index } of lexeme.matchAll(/\\([^])/g)) {
    if (character !== '/' && character !== '\t') continue
    const name = character === '/' ? '/' : '\\t(TAB)'
    return {
      at: index,
      message: `found unknown escape character ${name}`,
      advice: `Write the character without the backslash before it, or "\\\\" if a backslash is meant.`,
    }
  }
  return undefined
}

function anchor(lexeme: string): Mistake | undefined {
  const bad = /^[&*][A-Za-z0-9_-]*([^A-Za-z0-9_-])/u.exec(lexeme)
  if (bad === null) return undefined
  return {
    at: bad[0].length - (bad[1]?.length ?? 0),
    message: `expected alphabetic or numeric character, but found '${bad[1]}'`,
    advice: `The name after "${lexeme[0]}" has letters from a to z, digits, "_" and "-"; quote the value if a text is meant.`,
  }
}
