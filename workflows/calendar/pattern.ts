import { Cron } from 'croner'
import { FixedOffsetZone } from 'luxon'
import type { ScheduleDefinition } from '../dig/definition.ts'
import { lastDay, type CronFields } from '../dig/schedule/cron.ts'
import { sessionCron } from '../dig/schedule/session-cron.ts'
import { moveNear, instantOf, wallOf } from './wall-clock.ts'
import { zoneOf } from './zone.ts'

/** When a schedule's sessions are, apart from when they run. */
export interface SessionPattern {
  /** The first session time after `time`. */
  after(time: Date): Date
  /** The last session time before `time`. */
  before(time: Date): Date
}

/** Where Digdag puts the next session of a schedule that has come to its end. */
export const farFuture = new Date('9999-01-01T00:00:00Z')

export function sessionPattern(schedule: ScheduleDefinition): SessionPattern {
  const { type, command, timezone } = schedule
  if (type === 'seconds_interval') return everySeconds(Number(command))
  const patterns = sessionCron(type, command).map((fields) =>
    fields.hours.length === 24 ? everyHour(fields, timezone) : atHours(fields, timezone),
  )
  return {
    after: (time) =>
      patterns.map((pattern) => pattern.after(time)).reduce((a, b) => (a < b ? a : b)),
    before(time) {
      const last = patterns.map((pattern) => pattern.before(time)).reduce((a, b) => (a > b ? a : b))
      if (last > distantPast) return last
      throw new Error(`The schedule ${command} has no session before ${time.toISOString()}`)
    },
  }
}

const distantPast = new Date(-8.64e15)

/** Every hour of the day: as often as there are hours, also where one comes twice or is left out. */
function everyHour(fields: CronFields, timezone: string): SessionPattern {
  const zone = zoneOf(timezone)
  const cron = cronOf(
    fields,
    zone instanceof FixedOffsetZone ? { utcOffset: zone.offset(0) } : { timezone: zone.name },
  )
  return {
    after: (time) => cron.nextRun(time) ?? farFuture,
    before: (time) => cron.previousRuns(1, time)[0] ?? distantPast,
  }
}

/** Certain hours of the day: once each by the clock on the wall, whatever clocks do on that day. */
function atHours(fields: CronFields, timezone: string): SessionPattern {
  const walls = cronOf(fields, { timezone: 'UTC' })
  /** Near a change of clocks the way from wall to instant is not straight: begin that much further off. */
  const margin = (time: Date): number => moveNear(time, timezone) * 60_000
  return {
    after(time) {
      let wall: Date | null = new Date(wallOf(time, timezone).getTime() - margin(time))
      for (;;) {
        wall = walls.nextRun(wall)
        if (wall === null) return farFuture
        const instant = instantOf(wall, timezone)
        if (instant > time) return instant
      }
    },
    before(time) {
      let wall: Date | undefined = new Date(wallOf(time, timezone).getTime() + margin(time))
      for (;;) {
        wall = walls.previousRuns(1, wall)[0]
        if (wall === undefined) return distantPast
        const instant = instantOf(wall, timezone)
        if (instant < time) return instant
      }
    },
  }
}

function cronOf(fields: CronFields, zone: { timezone: string } | { utcOffset: number }): Cron {
  const list = (values: readonly number[], all: number): string =>
    values.length === all ? '*' : values.join(',')
  const { minutes, hours, days, months, weekdays } = fields
  const onDays = days.includes(lastDay)
    ? [...days.filter((day) => day !== lastDay), 'L'].join(',')
    : list(days, 31)
  const text = [list(minutes, 60), list(hours, 24), onDays, list(months, 12), list(weekdays, 7)]
  return new Cron(text.join(' '), {
    paused: true,
    mode: '5-part',
    // cron4j, which Digdag uses, wants day of month and day of week both to match.
    domAndDow: true,
    ...zone,
  })
}

/** Multiples of so many seconds since the epoch. */
function everySeconds(seconds: number): SessionPattern {
  const step = seconds * 1000
  return {
    after: (time) => new Date((Math.floor(time.getTime() / step) + 1) * step),
    before: (time) => new Date((Math.ceil(time.getTime() / step) - 1) * step),
  }
}
