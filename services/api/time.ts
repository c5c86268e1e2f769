import { DateTime } from 'luxon'
import { zoneOf } from '#workflows/calendar/zone.ts'
import { TimeInvalid } from './errors.ts'

/** `2026-11-24T11:50:50Z`: instants have whole seconds, as Digdag's have. */
export const instant = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`

const day = String.raw`\d{4}-\d{2}-\d{2}`
const clock = String.raw`\d{2}:\d{2}(:\d{2}(\.\d+)?)?`
// As far as Java's offsets go.
const offset = String.raw`Z|[+-](0\d|1[0-7]):?[0-5]\d|[+-]18:?00`
const localOrInstant = new RegExp(`^${day}([T ]${clock}(${offset})?)?$`)
const onlyInstant = new RegExp(`^${day}[T ]${clock}(${offset})$`)
// A plus that was not escaped in a URL arrives as a space.
const lostPlus = new RegExp(`^(${day}[T ]${clock}) (\\d{2}:?\\d{2})$`)

// Beyond them schedules have no session before or after, and a local year has not four digits.
const years = { first: 1000, last: 9998 }

function parse(text: string, form: RegExp, timezone: string): Date | undefined {
  const whole = text
    .trim()
    .replace(lostPlus, (_, time: string) => `${time}+${text.trim().slice(time.length + 1)}`)
  if (!form.test(whole)) return undefined
  const time = DateTime.fromISO(whole.replace(' ', 'T'), { zone: zoneOf(timezone) })
  if (!time.isValid) return undefined
  const { year } = time.toUTC()
  return year >= years.first && year <= years.last ? time.startOf('second').toJSDate() : undefined
}

const range = `from the year ${years.first} to ${years.last}`

/** A time with an offset, or a local one in the time zone given; fractions of seconds are dropped. */
export function readTime(field: string, text: string, timezone: string): Date {
  const time = parse(text, localOrInstant, timezone)
  if (time !== undefined) return time
  const expected = `2026-11-24T00:00:00+09:00, 2026-11-24T00:00:00Z, or without an offset in the workflow's time zone (${timezone}): 2026-11-24T00:00:00, 2026-11-24; ${range}`
  throw new TimeInvalid(field, text, expected)
}

/** A time with an offset, or a local one where a time zone is beside it: no time is taken for one of another zone. */
export function readMoment(field: string, text: string, timezone: string | undefined): Date {
  const form = timezone === undefined ? onlyInstant : localOrInstant
  const time = parse(text, form, timezone ?? 'UTC')
  if (time !== undefined) return time
  const expected =
    timezone === undefined
      ? 'an offset (2026-11-24T00:00:00+09:00, 2026-11-24T00:00:00Z), or timezone=Asia/Tokyo beside a local one (2026-11-24T00:00:00, 2026-11-24)'
      : `2026-11-24T00:00:00+09:00, 2026-11-24T00:00:00 or 2026-11-24 (${timezone})`
  throw new TimeInvalid(field, text, `${expected}; ${range}`)
}

/** A time that must say its offset. */
export function readInstant(field: string, text: string): Date {
  const time = parse(text, onlyInstant, 'UTC')
  if (time !== undefined) return time
  throw new TimeInvalid(
    field,
    text,
    `yyyy-MM-dd'T'HH:mm:ss'Z' format, such as 2026-11-20T00:00:00Z; ${range}`,
  )
}

/** The start of the local hour or day that a time lies in. */
export const truncate = (time: Date, unit: 'hour' | 'day', timezone: string): Date =>
  DateTime.fromJSDate(time, { zone: zoneOf(timezone) })
    .startOf(unit)
    .toJSDate()
