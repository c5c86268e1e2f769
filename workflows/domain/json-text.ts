import { numberOf } from './exact-number.ts'

/** `JSON.parse` as it is by now: the reviver is told how a number was written. */
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown

// Behind what a number can follow in JSON: many digits, a whole float, an exponent, a minus zero.
const unusual = /(?:^|[\s[:,])-?(?:[\d.]{16}|\d+\.0+(?!\d)|[\d.]+[eE]|(?<=-)0(?![\d.]))/

/**
 * JSON as values in which every number is the one that was written (`ExactNumber` where JavaScript has none for it).
 * To write it back takes `JSON.stringify`.
 */
export function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown
  // Most texts hold no such number, and reading with a reviver takes six times as long.
  if (!unusual.test(text)) return value
  try {
    return parse(text, exactly)
  } catch (error) {
    // A reviver's calls nest, JSON.parse's do not; values so deep are refused wherever parameters come in.
    if (error instanceof RangeError) return value
    throw error
  }
}

const exactly = (_: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' && source !== undefined ? numberOf(source) : value
