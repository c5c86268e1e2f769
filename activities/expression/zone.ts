import moment from 'moment-timezone'

/** Minutes east of UTC of a fixed offset such as `+09:00`; undefined for a named zone. */
export function fixedOffset(timezone: string): number | undefined {
  if (timezone === 'Z') return 0
  const parts = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(timezone)
  if (parts === null) return undefined
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0)
  return parts[1] === '-' ? -minutes : minutes
}

const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX'

/** A zone of one offset in moment-timezone's packed form: minutes west of UTC, in base 60. */
export function packFixedOffset(name: string, minutesEast: number): string {
  const size = Math.abs(minutesEast)
  const text = `${digits[Math.floor(size / 60)] ?? '0'}${digits[size % 60] ?? '0'}`
  return `${name}|${name}|${minutesEast > 0 ? '-' : ''}${text}|0|`
}

/** What `Date.prototype.getTimezoneOffset` answers in this zone: minutes west of UTC at that instant. */
export function timezoneOffset(timezone: string, instant: number): number {
  const fixed = fixedOffset(timezone)
  if (fixed !== undefined) return -fixed
  return moment.tz.zone(timezone)?.utcOffset(instant) ?? 0
}
