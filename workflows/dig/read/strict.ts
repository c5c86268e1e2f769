import type { Place, Problem } from '../problem.ts'
import { eachLexeme, type Lexeme } from './lexer.ts'

/** What the parser takes, and YAML 1.1 as Digdag reads it does not: tabs, escapes, names of anchors. */
export function strictProblems(
  lexemes: readonly string[],
  placeAt: (offset: number) => Place,
): readonly Problem[] {
  const problems: Problem[] = []
  let before: Lexeme['kind'] | undefined
  eachLexeme(lexemes, ({ kind, text, offset }) => {
    // Behind a word a tab is taken for the word's end.
    const found = kind === 'space' && before === 'plain' ? undefined : checks.get(kind)?.(text)
    before = kind
    if (found === undefined) return
    const { at, ...problem } = found
    problems.push({ code: 'YAML_SYNTAX', place: placeAt(offset + at), ...problem })
  })
  return problems
}

interface Mistake {
  /** Behind the lexeme's beginning. */
  readonly at: number
  readonly message: string
  readonly advice: string
}

const checks: ReadonlyMap<Lexeme['kind'], (text: string) => Mistake | undefined> = new Map([
  ['space', (text: string) => tabAt(text.indexOf('\t'))],
  // A word goes on in the next line behind spaces only.
  ['plain', (text: string) => tabAt(/(?<=\n *)\t/.exec(text)?.index ?? -1)],
  ['double-quoted-scalar', wrongEscape],
  ['anchor', wrongAnchor],
  ['alias', wrongAnchor],
] as const)

const tabAt = (at: number): Mistake | undefined =>
  at === -1
    ? undefined
    : {
        at,
        message: "found character '\\t(TAB)' that cannot start any token",
        advice:
          'Write spaces instead: outside of quotes a tab may be neither at the start of a line nor before a value.',
      }

/** YAML 1.2 has these from JSON, and for editors that align by tabs. */
function wrongEscape(text: string): Mistake | undefined {
  for (const { 1: character = '', index } of text.matchAll(/\\([^])/g)) {
    if (character !== '/' && character !== '\t') continue
    return {
      at: index,
      message: `found unknown escape character ${character === '/' ? '/' : '\\t(TAB)'}`,
      advice:
        'Write the character without the backslash before it, or "\\\\" if a backslash is meant.',
    }
  }
  return undefined
}

function wrongAnchor(text: string): Mistake | undefined {
  const at = text.search(/(?<!^)[^A-Za-z0-9_-]/u)
  if (at === -1) return undefined
  return {
    at,
    message: `expected alphabetic or numeric character, but found '${String.fromCodePoint(text.codePointAt(at) ?? 0)}'`,
    advice: `The name after "${text[0]}" has letters from a to z, digits, "_" and "-"; quote the value if a text is meant.`,
  }
}
