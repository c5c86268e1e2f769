import { isExactNumber } from '#workflows/domain/exact-number.ts'

/**
 * JSON as PostgreSQL can work with: NUL and lone surrogates, which a program's output may hold, are
 * accepted in a `json` column but break every later look into it, so they become U+FFFD here.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value)
  // JSON.stringify writes these two as escapes, so most texts pass without a second look.
  return /\\u(0000|d[89a-f])/.test(text) ? JSON.stringify(readable(value)) : text
}

function readable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\u{FFFD}').toWellFormed()
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (isExactNumber(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [readable(key), readable(inner)]),
  )
}
