import { DateTime } from 'luxon'
import type { ScheduleDefinition } from '../dig/definition.ts'
import { zoneOf } from './zone.ts'

/** A time of day as a schedule writes it; hours may be 24 or more: then it is on a later day. */
export interface TimeOfDay {
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
}

/** `HH:MM:SS` of `daily>`, `weekly>` and `monthly>`. */
export function timeOfDay({ command }: ScheduleDefinition): TimeOfDay {
  const [hours = 0, minutes = 0, seconds = 0] = (command.split(',').at(-1) ?? '')
    .split(':')
    .map(Number)
  return { hours, minutes, seconds }
}

/** `MM:SS` of `hourly>`. */
export function timeOfHour({ command }: ScheduleDefinition): Omit<TimeOfDay, 'hours'> {
  const [minutes = 0, seconds = 0] = command.split(':').map(Number)
  return { minutes, seconds }
}

/**
 * When a session runs. A time of day is meant by the clock on the wall: `daily>: 07:00:00` runs at
 * seven on the days when clocks change too (Digdag runs an hour off then). A time that such a day
 * leaves out runs at the next instant that exists; of one that comes twice, the first counts.
 */
export function runTimeOf(schedule: ScheduleDefinition, sessionTime: Date): Date {
  switch (schedule.type) {
    case 'cron':
    case 'minutes_interval':
    case 'seconds_interval':
      return later(sessionTime, schedule.delaySeconds)
    case 'hourly': {
      const { minutes, seconds } = timeOfHour(schedule)
      return later(sessionTime, minutes * 60 + seconds)
    }
    case 'daily':
    case 'weekly':
    case 'monthly':
      return onTheWall(sessionTime, timeOfDay(schedule), schedule.timezone)
  }
}

const later = (time: Date, seconds: number): Date => new Date(time.getTime() + seconds * 1000)

/** A time of day on the local day of an instant. */
export function onTheWall(sessionTime: Date, time: TimeOfDay, timezone: string): Date {
  const zone = zoneOf(timezone)
  const total = (time.hours * 60 + time.minutes) * 60 + time.seconds
  const day = DateTime.fromJSDate(sessionTime, { zone })
    .startOf('day')
    .plus({ days: Math.floor(total / 86_400) })
  const rest = total % 86_400
  const wanted = {
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
  }
  const asked = day.set(wanted)
  if (asked.hour === wanted.hour && asked.minute === wanted.minute) return firstOf(asked).toJSDate()
  // The clock skipped it: luxon lands as much after the gap as was asked after its start.
  return gapEnd(asked).toJSDate()
}

/** Of a time that comes twice, the earlier instant. */
function firstOf(time: DateTime): DateTime {
  return time.getPossibleOffsets().reduce((first, other) => (other < first ? other : first), time)
}

/** The first instant after the change of clocks just before `time`. */
function gapEnd(time: DateTime): DateTime {
  let [before, after] = [time.minus({ hours: 3 }).toMillis(), time.toMillis()]
  const { zone } = time
  const offset = zone.offset(after)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (zone.offset(middle) === offset) after = middle
    else before = middle
  }
  return DateTime.fromMillis(after, { zone })
}
