import { CST, Lexer } from 'yaml'

/** A text's lexemes as the parser's own YAML 1.2 has them. */
export const lexemesOf = (text: string): readonly string[] => [...new Lexer().lex(text)]

/** What of the lexer its types keep to itself. */
interface Inner {
  /** How far a line must be indented to belong to what is open. */
  indentNext: number
  parseFlowCollection(): Generator<string, unknown>
  parseQuotedScalar(): Generator<string, unknown>
}

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

/** A lexeme that is part of the text, and where it is. */
export interface Lexeme {
  readonly kind: CST.TokenType | 'plain' | 'block' | 'unknown'
  readonly text: string
  readonly offset: number
}

/** Calls with each lexeme in turn; those that only say what comes are left out. */
export function eachLexeme(lexemes: readonly string[], see: (lexeme: Lexeme) => void): void {
  let offset = 0
  let isScalar = false
  let isBlock = false
  for (const text of lexemes) {
    if (text === CST.SCALAR) isScalar = true
    else if (text !== CST.DOCUMENT && text !== CST.FLOW_END) {
      const scalar = isBlock ? 'block' : 'plain'
      const kind = isScalar ? scalar : (CST.tokenType(text) ?? 'unknown')
      see({ kind, text, offset })
      if (kind === 'block-scalar-header') isBlock = true
      else if (isScalar) isBlock = false
      isScalar = false
      offset += text.length
    }
  }
}
