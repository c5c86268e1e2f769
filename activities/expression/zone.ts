import moment from 'moment-timezone'
import { abbreviatedZones, offsetZone } from '#workflows/domain/time-zone.ts'

const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX'

/** A zone of one offset in moment-timezone's packed form: minutes west of UTC, in base 60. */
export function packFixedOffset(name: string, minutesEast: number): string {
  const size = Math.abs(minutesEast)
  const text = `${digits[Math.floor(size / 60)] ?? '0'}${digits[size % 60] ?? '0'}`
  return `${name}|${name}|${minutesEast > 0 ? '-' : ''}${text}|0|`
}

/** What `Date.prototype.getTimezoneOffset` answers in this zone: minutes west of UTC at that instant. */
export function timezoneOffset(timezone: string, instant: number): number {
  const fixed = offsetZone(timezone)?.minutes
  if (fixed !== undefined) return -fixed
  return moment.tz.zone(momentName(timezone))?.utcOffset(instant) ?? 0
}

/** What moment-timezone calls a zone: it has no abbreviations, which a push took once. */
export const momentName = (timezone: string): string =>
  abbreviatedZones.get(timezone)?.[0] ?? timezone
