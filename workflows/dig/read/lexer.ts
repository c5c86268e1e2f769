import { Lexer } from 'yaml'

/** What of the lexer its types keep to itself. */
interface Inner {
  /** How far a line must be indented to belong to what is open. */
  indentNext: number
  parseFlowCollection(): Generator<string, unknown>
  parseQuotedScalar(): Generator<string, unknown>
}

/** A text's lexemes as the parser's own YAML 1.2 has them. */
export const lexemesOf = (text: string): readonly string[] => [...new Lexer().lex(text)]

/**
 * The same as YAML 1.1 has them, and so Digdag: the lines of a flow list, a flow mapping and a quoted
 * text may begin in any column.
 */
export function freeLexemesOf(text: string): readonly string[] {
  const lexer = new Lexer()
  const inner = lexer as unknown as Inner
  for (const method of ['parseFlowCollection', 'parseQuotedScalar'] as const) {
    const parse = inner[method].bind(inner)
    inner[method] = function* () {
      const { indentNext } = inner
      inner.indentNext = 0
      const next = yield* parse()
      inner.indentNext = indentNext
      return next
    }
  }
  return [...lexer.lex(text)]
}
