import type { Place, Problem } from '../problem.ts'
import { eachLexeme, type Lexeme } from './lexer.ts'

type Kinds = ReadonlySet<Lexeme['kind']>

const opening: Kinds = new Set(['flow-map-start', 'flow-seq-start'])
const closing: Kinds = new Set(['flow-map-end', 'flow-seq-end'])
const words: Kinds = new Set(['plain', 'single-quoted-scalar', 'double-quoted-scalar', 'alias'])

/** Keys in braces and brackets that are not in one line with their colon, which YAML 1.1 does not have. */
export function flowKeyProblems(
  lexemes: readonly string[],
  placeAt: (offset: number) => Place,
): readonly Problem[] {
  const problems: Problem[] = []
  let depth = 0
  /** Behind a `?` a key may have lines. */
  let isExplicit = false
  /** Whether a line ends in what may be a key, or behind it. */
  let spansLines = false
  eachLexeme(lexemes, ({ kind, text, offset }) => {
    if (opening.has(kind)) depth += 1
    if (closing.has(kind)) depth -= 1
    const isColon = kind === 'map-value-ind'
    if (isColon && depth > 0 && spansLines && !isExplicit) problems.push(problem(placeAt(offset)))
    if (kind === 'explicit-key-ind') isExplicit = true
    else if (kind === 'newline') spansLines = true
    else if (words.has(kind)) spansLines = text.includes('\n')
    else if (isColon || kind === 'comma' || opening.has(kind) || closing.has(kind)) {
      isExplicit = spansLines = false
    }
  })
  return problems
}

const problem = (place: Place): Problem => ({
  code: 'YAML_SYNTAX',
  message: "expected ',' or '}', but got :",
  place,
  advice:
    'Write a key and its ":" in one line; if this is a task of its own, close every "[", "{" and quote before it.',
})
