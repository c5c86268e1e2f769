import { isScalar, type Pair, type YAMLMap } from 'yaml'
import { isObject, merge, type Json, type JsonObject } from '../../domain/json.ts'
import { isEmptyKey, offsetOf, refuse, type Conversion, type Reported } from './conversion.ts'
import { include } from './include.ts'
import { keyText } from './key.ts'
import type { Spot } from './places.ts'

/** A mapping: merge keys first, then its own keys in order, includes where they are. */
export function convertMap(at: Conversion, map: YAMLMap): JsonObject | Reported {
  let complete = true
  /** What `<<` brings: weaker than every own key. */
  const merged = new Map<string, Json>()
  const own = new Map<string, Json>()
  const written = new Set<string>()
  const sources: object[] = []
  const spots: (readonly [string, Spot])[] = []
  const spotOf = (node: unknown): Spot => ({ placeAt: at.placeAt, offset: offsetOf(node) })

  for (const [index, pair] of map.items.entries()) {
    const spot = spotOf(pair.key ?? pair.value)
    if (isInclude(pair, index === 0, map)) {
      const included = include(at, pair.value, spot)
      if (included === undefined) {
        complete = false
        continue
      }
      sources.push(included)
      for (const [key, value] of Object.entries(included)) {
        own.set(key, over(own.get(key) ?? merged.get(key), value))
      }
      continue
    }
    const key = keyText(at, pair)
    if (key === undefined) {
      complete = false
      continue
    }
    if (written.has(key)) {
      at.reader.onProblem({
        code: 'DUPLICATE_KEY',
        message: `Duplicated keys: [${key}]`,
        place: at.placeAt(spot.offset),
        advice: `"${key}" is written twice in this mapping: rename or remove one of them.`,
      })
      complete = false
      continue
    }
    written.add(key)
    if (key === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
      complete = mergeInto(at, merged, sources, pair) && complete
      continue
    }
    const value = at.convert(pair.value)
    if (value === undefined) {
      complete = false
      continue
    }
    spots.push([key, spot])
    // What is written after an include replaces what the include brought, objects too.
    own.set(key, value)
  }
  if (!complete) return undefined
  const result = Object.fromEntries([...merged, ...own])
  for (const source of sources) at.reader.places.carryOver(source, result)
  at.reader.places.remember(result, spotOf(map), spots)
  return result
}

/** What an include brings: two objects are merged key by key, anything else is replaced. */
const over = (before: Json | undefined, value: Json): Json =>
  isObject(before) && isObject(value) ? merge(before, value) : value

/** `<<: *name`, or a list of such: the first that has a key wins. */
function mergeInto(
  at: Conversion,
  merged: Map<string, Json>,
  sources: object[],
  pair: Pair,
): boolean {
  const base = at.convert(pair.value)
  if (base === undefined) return false
  const parts = Array.isArray(base) ? (base as readonly Json[]) : [base]
  for (const part of parts) {
    if (!isObject(part)) {
      refuse(
        at,
        pair.value,
        'MERGE',
        'expected a mapping or list of mappings for merging',
        'After "<<:" comes an alias (*name) of a mapping, or a list of them.',
      )
      return false
    }
    sources.push(part)
    for (const [key, value] of Object.entries(part)) if (!merged.has(key)) merged.set(key, value)
  }
  return true
}

/**
 * Whether a pair is `!include : path`. Where that is the first line of a mapping, the parser takes the
 * tag for the mapping's own, before a key without text.
 */
function isInclude({ key }: Pair, isFirst: boolean, map: YAMLMap): boolean {
  if (!isScalar(key)) return false
  return key.tag === '!include' || (isFirst && map.tag === '!include' && isEmptyKey(key))
}
