import { isExactNumber, type ExactNumber } from './exact-number.ts'

/** Any JSON value. */
export type Json = string | number | ExactNumber | boolean | null | readonly Json[] | JsonObject

/** A JSON object; key order is kept and matters to Digdag's evaluation. */
export interface JsonObject {
  readonly [key: string]: Json
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value)

/** An object or a list. */
export const isCollection = (value: Json | undefined): value is JsonObject | readonly Json[] =>
  Array.isArray(value) || isObject(value)

/** A value as text: a text as it is, anything else as JSON. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

/** What JavaScript can calculate with, nearest to a number; undefined when it is none. */
export function numericOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value
  return isExactNumber(value) ? Number(value.rawJSON) : undefined
}

/**
 * The same value for programs that know JavaScript's numbers only: floats are the nearest one, integers that would
 * lose digits are texts. The very same where all numbers are JavaScript's.
 */
export function withPlainNumbers<Value extends Json>(value: Value): Value
export function withPlainNumbers(value: Json): Json {
  if (isExactNumber(value)) {
    return /[.eE]/.test(value.rawJSON) ? Number(value.rawJSON) : value.rawJSON
  }
  if (!isCollection(value)) return value
  const entries = Object.entries(value).map(([key, item]: [string, Json]) => {
    const plain = withPlainNumbers(item)
    return { key, plain, changed: plain !== item }
  })
  if (!entries.some(({ changed }) => changed)) return value
  return Array.isArray(value)
    ? entries.map(({ plain }) => plain)
    : Object.fromEntries(entries.map(({ key, plain }) => [key, plain]))
}

/**
 * Digdag's deep merge: objects are merged key by key, everything else is replaced; a key that is
 * already there keeps its place.
 */
export function merge(base: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined
    const after = isObject(before) && isObject(value) ? merge(before, value) : value
    // Assigning to this one key would change what the object inherits instead.
    if (key === '__proto__') Object.defineProperty(merged, key, { value: after, ...plain })
    else merged[key] = after
  }
  return merged
}

const plain = { enumerable: true, writable: true, configurable: true }
