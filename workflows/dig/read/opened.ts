import { eachLexeme } from './lexer.ts'

/**
 * Where what may be the cause of a mistake at `offset` began: the outermost bracket that is open there, or the
 * quote over several lines that ends in its line.
 */
export function openedBefore(lexemes: readonly string[], text: string, offset: number): number {
  const brackets: number[] = []
  let quote = offset
  eachLexeme(lexemes, ({ kind, text: lexeme, offset: start }) => {
    if (start >= offset) return
    if (kind === 'flow-map-start' || kind === 'flow-seq-start') brackets.push(start)
    if (kind === 'flow-map-end' || kind === 'flow-seq-end') brackets.pop()
    if (kind !== 'single-quoted-scalar' && kind !== 'double-quoted-scalar') return
    const isOver =
      lexeme.includes('\n') && !text.slice(start + lexeme.length, offset).includes('\n')
    if (isOver) quote = Math.min(quote, start)
  })
  return Math.min(brackets[0] ?? offset, quote)
}
