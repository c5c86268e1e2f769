/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

/** A JSON object; key order is kept and matters to Digdag's evaluation. */
export interface JsonObject {
  readonly [key: string]: Json
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value as text: a text as it is, anything else as JSON. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

/**
 * Digdag's deep merge: objects are merged key by key, everything else is replaced; a key that is
 * already there keeps its place.
 */
export function merge(base: JsonObject, over: JsonObject): JsonObject {
  // Not an object yet, in which a key may mean something of its own (`__proto__`).
  const merged = new Map(Object.entries(base))
  for (const [key, value] of Object.entries(over)) {
    const before = merged.get(key)
    merged.set(key, isObject(before) && isObject(value) ? merge(before, value) : value)
  }
  return Object.fromEntries(merged)
}
