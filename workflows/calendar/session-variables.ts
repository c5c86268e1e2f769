import { DateTime } from 'luxon'
import type { JsonObject } from '../domain/json.ts'
import { zoneOf } from './zone.ts'

const inZone = (time: Date, timezone: string): DateTime =>
  DateTime.fromJSDate(time, { zone: zoneOf(timezone) })

/** A session time as the API and `${session_time}` show it: `2001-01-05T00:00:00+09:00`. */
export const formatSessionTime = (time: Date, timezone: string): string =>
  inZone(time, timezone).toFormat("yyyy-MM-dd'T'HH:mm:ssZZ")

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
