import { numberOf } from '#workflows/domain/exact-number.ts'
import type { Json, JsonObject } from '#workflows/domain/json.ts'

const wholeNumbers: ReadonlySet<string> = new Set(['generation', 'metageneration', 'size'])

const times: ReadonlySet<string> = new Set([
  'customTime',
  'retentionExpirationTime',
  'timeCreated',
  'timeDeleted',
  'timeStorageClassUpdated',
  'updated',
])

/**
 * An object's metadata as Digdag stores them: Cloud Storage's own names, with numbers that its API has as
 * texts, and times as Google's Java library writes them.
 */
export const objectMetadata = (resource: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(resource).map(([key, value]) => [key, fieldOf(key, value)]))

function fieldOf(key: string, value: Json): Json {
  if (typeof value !== 'string') return value
  if (wholeNumbers.has(key) && /^\d+$/.test(value)) return numberOf(value)
  const time = times.has(key) ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? value : { value: time, dateOnly: false, timeZoneShift: 0 }
}
