/** Bytes of a text from one up to, but not with, another. */
export interface Span {
  readonly from: number
  readonly to: number
}

/**
 * What a Range header asks of a text of so many bytes. Undefined: the whole, as RFC 9110 has it for a unit that is not
 * known, a form that cannot be read, and for us several ranges in one.
 */
export function readRange(header: string | undefined, size: number): Span | 'nothing' | undefined {
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const count = Math.min(Number(last), size)
    return count === 0 ? 'nothing' : { from: size - count, to: size }
  }
  const from = Number(first)
  if (last !== '' && Number(last) < from) return undefined
  if (from >= size) return 'nothing'
  return { from, to: last === '' ? size : Math.min(Number(last) + 1, size) }
}
