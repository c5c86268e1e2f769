import { readDuration } from '#workflows/dig/duration.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import {
  isCollection,
  isObject,
  numericOf,
  textOf,
  type Json,
  type JsonObject,
} from '#workflows/domain/json.ts'
import { configError } from '../failure.ts'

/**
 * Typed reading of a task's evaluated parameters, with Digdag's conversions (docs/language.md#typed-options): every
 * `${…}` yields text, so numbers and booleans are read from text as well. `Key`: the names that may be read, which for
 * Suiro's own operators are those of their table (workflows/dig/operators/table.ts).
 */
export interface Config<Key extends string = string> {
  readonly has: (key: Key) => boolean
  /** The value as it is; undefined when absent or null. */
  get(key: Key): Json | undefined
  string(key: Key): string
  optionalString(key: Key): string | undefined
  integer(key: Key): number
  optionalInteger(key: Key): number | undefined
  /** Without a fallback the key is required. */
  boolean(key: Key, fallback?: boolean): boolean
  optionalBoolean(key: Key): boolean | undefined
  /** A list, or JSON text of one; absent is empty. */
  list(key: Key): readonly Json[]
  /** A list of texts, or one text. */
  strings(key: Key): readonly string[]
  /** An object, or JSON text of one. */
  object(key: Key): JsonObject
  optionalObject(key: Key): JsonObject | undefined
  /** Seconds; `1d 2h 3m 4s`. */
  duration(key: Key): number
  optionalDuration(key: Key): number | undefined
  /** Written at the task itself, not inherited. */
  isLocal(key: Key): boolean
  /** The same with the objects under these keys as weaker defaults, strongest first (`pg`, `bq`, …). */
  withDefaults(...keys: readonly Key[]): Config<Key>
}

/** Says which keys were read, so that a misspelt one can be pointed out. */
export interface UsedKeys {
  add(key: string): unknown
}

export function createConfig(
  params: JsonObject,
  used: UsedKeys,
  localKeys: readonly string[] = Object.keys(params),
): Config {
  const get = (key: string): Json | undefined => {
    used.add(key)
    return params[key] ?? undefined
  }
  const required = <Value>(key: string, value: Value | undefined): Value => {
    if (value !== undefined) return value
    // An operator without a command has none, as in Digdag, although its key is there.
    const but = key in params && key !== '_command' ? 'but null' : 'but not set'
    throw configError(`Parameter '${key}' is required ${but}`)
  }
  const wrong = (key: string, expected: string, value: Json): Error =>
    configError(`Expected ${expected} for key '${key}' but got ${sample(value)} (${typeOf(value)})`)

  const optionalString = (key: string): string | undefined => {
    const value = get(key)
    if (value === undefined) return undefined
    if (isCollection(value)) throw wrong(key, 'string type', value)
    return textOf(value)
  }
  const optionalInteger = (key: string): number | undefined => {
    const value = get(key)
    if (value === undefined) return undefined
    const number = typeof value === 'string' ? integerOf(value) : numericOf(value)
    // Beyond what counts exactly, a number is a mistake, and a wrong one.
    if (number !== undefined && Number.isSafeInteger(Math.trunc(number))) {
      return Math.trunc(number)
    }
    throw wrong(key, 'integer (int) type', value)
  }
  const optionalBoolean = (key: string): boolean | undefined => {
    const value = get(key)
    if (value === undefined) return undefined
    if (typeof value === 'boolean') return value
    const number = numericOf(value)
    if (number !== undefined) return number !== 0
    if (typeof value === 'string') {
      const text = value.trim()
      if (isTrue.has(text)) return true
      if (isFalse.has(text)) return false
    }
    throw wrong(key, "'true' or 'false'", value)
  }
  const optionalList = (key: string): readonly Json[] | undefined => {
    const value = get(key)
    const list = parsed(value)
    if (list === undefined || Array.isArray(list)) return list
    throw wrong(key, 'array type', value ?? null)
  }
  const optionalObject = (key: string): JsonObject | undefined => {
    const value = parsed(get(key))
    if (value === undefined || isObject(value)) return value
    throw configError(`Parameter '${key}' must be an object`)
  }
  const optionalDuration = (key: string): number | undefined => {
    const text = optionalString(key)
    if (text === undefined) return undefined
    const seconds = readDuration(text)
    if (seconds === undefined) throw configError(`Invalid duration: ${text}`)
    return seconds
  }

  return {
    has(key) {
      used.add(key)
      return key in params
    },
    get,
    optionalString,
    string: (key) => required(key, optionalString(key)),
    optionalInteger,
    integer: (key) => required(key, optionalInteger(key)),
    optionalBoolean,
    boolean: (key, fallback) => required(key, optionalBoolean(key) ?? fallback),
    list: (key) => optionalList(key) ?? [],
    strings(key) {
      const value = get(key)
      if (value === undefined) return []
      const items: readonly Json[] = Array.isArray(value) ? value : [value]
      return items.map((item) => {
        if (item === null || isCollection(item)) throw wrong(key, 'string type', item)
        return textOf(item)
      })
    },
    optionalObject,
    object: (key) => required(key, optionalObject(key)),
    optionalDuration,
    duration: (key) => required(key, optionalDuration(key)),
    isLocal: (key) => localKeys.includes(key),
    withDefaults(...keys) {
      let merged: JsonObject = {}
      for (const key of [...keys].reverse()) merged = { ...merged, ...optionalObject(key) }
      return createConfig({ ...merged, ...params }, used, localKeys)
    },
  }
}

// As Digdag 0.10.5.1 reads them; any other writing is refused.
const isTrue: ReadonlySet<string> = new Set(['true', 'True', 'TRUE'])
// `${NaN}` and what else JSON has no word for comes out as the text "null".
const isFalse: ReadonlySet<string> = new Set(['false', 'False', 'FALSE', 'null', ''])

/** A text of a whole number; an empty one is 0. */
function integerOf(value: string): number | undefined {
  const text = value.trim()
  if (text === '') return 0
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}

/** JSON text of an object or a list counts as one where Digdag parses it. */
function parsed(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string') return value
  try {
    return parseJson(value) as Json
  } catch {
    return value
  }
}

const longest = 100

function sample(value: Json): string {
  const text = JSON.stringify(value)
  return text.length < longest ? text : `${text.slice(0, longest - 3)}...`
}

function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (numericOf(value) !== undefined) return 'number'
  return typeof value
}
