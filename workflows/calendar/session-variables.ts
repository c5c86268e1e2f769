import { DateTime } from 'luxon'
import type { JsonObject } from '../domain/json.ts'
import { zoneOf } from './zone.ts'

const inZone = (time: Date, timezone: string): DateTime =>
  DateTime.fromJSDate(time, { zone: zoneOf(timezone) })

/** A session time as the API and `${session_time}` show it: `2001-01-05T00:00:00+09:00`. */
export function formatSessionTime(time: Date, timezone: string): string {
  // By hand: lists show hundreds of them, and luxon's formats take most of such a request.
  const milliseconds = time.getTime()
  const offset = zoneOf(timezone).offset(milliseconds)
  const local = new Date(milliseconds + offset * 60_000).toISOString().slice(0, 19)
  return local + formatOffset(offset)
}

function formatOffset(minutes: number): string {
  const whole = Math.trunc(Math.abs(minutes))
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.trunc(whole / 60))}:${two(whole % 60)}`
}

/**
 * The six variables of a session time (docs/language.md#built-in-variables), names beginning with `prefix`: `session_`,
 * `last_session_`, `next_session_` or `last_executed_session_`. Without a time they are empty.
 */
export function sessionVariables(
  time: Date | undefined,
  timezone: string,
  prefix: string,
): JsonObject {
  // Digdag shows the offset at the epoch where there is no session.
  const local = inZone(time ?? new Date(0), timezone)
  const text = (format: string): string => (time === undefined ? '' : local.toFormat(format))
  return {
    [`${prefix}time`]: time === undefined ? '' : formatSessionTime(time, timezone),
    [`${prefix}date`]: text('yyyy-MM-dd'),
    [`${prefix}date_compact`]: text('yyyyMMdd'),
    [`${prefix}local_time`]: text('yyyy-MM-dd HH:mm:ss'),
    [`${prefix}tz_offset`]: local.toFormat('ZZZ'),
    [`${prefix}unixtime`]: time === undefined ? '' : Math.floor(time.getTime() / 1000),
  }
}
