import type { Json } from '../domain/json.ts'

const pattern = /^\s*(?:(\d+)\s*d)?\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?\s*(?:(\d+)\s*s)?\s*$/i

/** Seconds of a duration such as `1d 2h 3m 4s` (docs/language.md#typed-options); undefined when it is none. */
export function readDuration(value: Json): number | undefined {
  if (typeof value !== 'string') return undefined
  const [, ...parts] = pattern.exec(value) ?? []
  if (!parts.some((part) => part !== undefined)) return undefined
  const [days, hours, minutes, seconds] = parts.map((part) => Number(part ?? 0))
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!
}
