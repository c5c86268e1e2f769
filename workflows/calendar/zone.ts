import { FixedOffsetZone, IANAZone, type Zone } from 'luxon'

const offset = /^[+-]\d{2}:?\d{2}$/

/** Whether `timezone:` may be this: an IANA zone, or a fixed offset such as `+09:00`. */
export const isTimezone = (name: string): boolean =>
  name === 'UTC' || name === 'Z' || offset.test(name) || IANAZone.isValidZone(name)

/** A checked zone, for luxon. */
export function zoneOf(name: string): Zone {
  if (name === 'Z') return FixedOffsetZone.utcInstance
  if (!offset.test(name)) return IANAZone.create(name)
  const written = name.includes(':') ? name : `${name.slice(0, 3)}:${name.slice(3)}`
  return FixedOffsetZone.parseSpecifier(`UTC${written}`)
}
