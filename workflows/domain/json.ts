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
