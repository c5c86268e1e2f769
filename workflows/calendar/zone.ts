import { FixedOffsetZone, IANAZone, type Zone } from 'luxon'
import { abbreviatedZones, offsetZone } from '../domain/time-zone.ts'

/** Whether `timezone:` may be this: a zone of the IANA list, or a fixed offset such as `+09:00`. */
export const isTimezone = (name: string): boolean =>
  name === 'UTC' || offsetZone(name) !== undefined || isNamed(name)

/** Node takes names in any case; Temporal, like Java, knows them as the list writes them. */
function isNamed(name: string): boolean {
  if (!/^[A-Z]/.test(name) || abbreviatedZones.has(name)) return false
  if (!IANAZone.isValidZone(name)) return false
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
  return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase()
}

/**
 * A checked zone, for luxon. What was pushed when abbreviations were still taken keeps the zone that its
 * runs had.
 */
export function zoneOf(name: string): Zone {
  // As one of the list it would be asked of the platform each time.
  if (name === 'UTC') return FixedOffsetZone.utcInstance
  const minutes = offsetZone(name)?.minutes
  return minutes === undefined ? IANAZone.create(name) : FixedOffsetZone.instance(minutes)
}
