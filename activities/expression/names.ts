import type { Json, JsonObject } from '#workflows/domain/json.ts'

/** Names of variables that code may read; undefined when it could be any. */
export type Names = ReadonlySet<string> | undefined

// A name can only be reached without being written through these.
const reachesAny = /\bthis\b|\beval\b|\\u/
const identifier = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu

/** Every word of the code: more than its variables, and never fewer. */
export function namesIn(codes: readonly string[]): Names {
  if (codes.some((code) => reachesAny.test(code))) return undefined
  return new Set(codes.flatMap((code) => code.match(identifier) ?? []))
}

/** The part of an object that code may read. */
export const pick = (from: JsonObject, names: Names): JsonObject =>
  names === undefined
    ? from
    : Object.fromEntries(Object.entries(from).filter(([key]) => names.has(key)))

/**
 * The variables of each text as JSON: only those it may read, since parameters may be megabytes, and
 * each text gets copies of its own.
 */
export function createNames(scope: JsonObject) {
  const texts = new Map<string, string>()
  const textOf = (key: string, value: Json): string => {
    const known = texts.get(key)
    if (known !== undefined) return known
    const text = `${JSON.stringify(key)}:${JSON.stringify(value)}`
    texts.set(key, text)
    return text
  }
  return {
    /** `named`: variables of the scope; `over`: what is beside the text and hides some of them. */
    of(codes: readonly string[], beside: JsonObject) {
      const names = namesIn(codes)
      const changed = Object.entries(pick(beside, names)).filter(
        ([key, value]) => !Object.hasOwn(scope, key) || scope[key] !== value,
      )
      const named = Object.entries(pick(scope, names)).map(([key, value]) => textOf(key, value))
      return {
        named: `{${named.join(',')}}`,
        over: JSON.stringify(Object.fromEntries(changed)),
      }
    },
  }
}
