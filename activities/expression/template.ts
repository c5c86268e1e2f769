import { createCloser } from './closing-brace.ts'

/** A piece of a text: what is there as it is, or the code of a `${…}`. */
export type TemplatePart = { readonly literal: string } | { readonly code: string }

// `${secret:…}` and its like are left for operators.
const opening = /\$\{(?![a-z]+:)/g

/**
 * Cuts a text at its `${…}` as Digdag does (docs/language.md#expressions): braces nest, an unclosed `${` leaves the
 * rest as it is, and `$$` stands for `$` outside.
 */
export function parseTemplate(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = []
  const literal = (piece: string): void => {
    if (piece !== '') parts.push({ literal: piece.replaceAll('$$', () => '$') })
  }
  const closingBrace = createCloser(text)
  let position = 0
  while (position < text.length) {
    opening.lastIndex = position
    const open = opening.exec(text)
    const close = open === null ? undefined : closingBrace(opening.lastIndex)
    if (open === null || close === undefined) break
    literal(text.slice(position, open.index))
    const code = text.slice(open.index + 2, close)
    if (code !== '') parts.push({ code })
    position = close + 1
  }
  literal(text.slice(position))
  return parts
}
