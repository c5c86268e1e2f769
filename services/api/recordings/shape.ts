import { isObject } from '#workflows/domain/json.ts'

/** Their insides belong to users. */
const opaque: ReadonlySet<string> = new Set([
  'config',
  'params',
  'exportParams',
  'storeParams',
  'stateParams',
  'error',
  'message',
])

/** What we answer beyond Digdag. */
const ours: ReadonlySet<string> = new Set([
  'code',
  'problems',
  'warnings',
  'suiro',
  'finishedAt',
  'bigquery',
  'reason',
  'temporalId',
  'disabledBy',
  'startedBy',
  'killedBy',
  'usages',
  'errorCode',
])

/** Digdag's have whole seconds, ours fractions, by which its client puts tasks in order. */
const finer: ReadonlySet<string> = new Set(['fileTime'])

/**
 * An answer with its values blurred, so that two of them can be compared: fields in their order, texts
 * that look like times by their form, everything else by its type. What is null, empty or missing in
 * the other one says nothing about a type.
 */
export function shapeOf(value: unknown, other: unknown): unknown {
  if (value === null || other === null) return 'null or something'
  if (Array.isArray(value)) {
    const others = Array.isArray(other) ? other : []
    const [first] = value
    const [second] = others
    return value.length > 0 && others.length > 0 ? [shapeOf(first, second)] : []
  }
  if (isObject(value)) {
    const others = isObject(other) ? other : {}
    return Object.entries(value)
      .filter(([key]) => key in others || !ours.has(key))
      .map(([key, inner]) => [
        key,
        opaque.has(key) ? 'opaque' : shapeOf(coarse(key, inner), others[key]),
      ])
  }
  if (typeof value === 'string') return formOf(value)
  return typeof value
}

const coarse = (key: string, value: unknown): unknown =>
  finer.has(key) && typeof value === 'string' ? value.replace(/\.\d+Z$/, 'Z') : value

const formOf = (text: string): string =>
  /^\d{4}-\d\d-\d\dT/.test(text)
    ? text.replace(/[+-](?=\d\d:\d\d$)/, '±').replace(/\d/g, '0')
    : /^\d+$/.test(text)
      ? 'id'
      : 'text'
