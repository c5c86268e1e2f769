import type { ScheduleDefinition } from '../dig/definition.ts'
import { sessionCron } from '../dig/schedule/session-cron.ts'
import { clockChanges, type ClockChange } from './clock-changes.ts'
import { steadyIntervals, type TemporalInterval } from './intervals.ts'
import { commandSeconds, daySeconds, runTimeOf } from './run-time.ts'
import { firstFrom, firstSession, midnightOf, nextSessionTime } from './schedule-times.ts'
import { temporalDays, type TemporalCalendar } from './temporal-calendar.ts'
import { temporalZone } from './temporal-zone.ts'

export { ScheduleNotPossibleError } from './temporal-zone.ts'

/** The part of a Temporal Schedule's spec that we write. */
export interface TemporalSpec {
  readonly calendars?: TemporalCalendar[]
  readonly intervals?: TemporalInterval[]
  readonly timezone: string
  readonly startAt?: Date
  readonly endAt?: Date
}

/**
 * When Temporal is to fire: the run times of a schedule's sessions, by the clock on the wall. For `cron>`
 * and `minutes_interval>` it is the session times; `fireDelaySeconds` says how long to wait then.
 */
export function temporalSpec(schedule: ScheduleDefinition, now = new Date()): TemporalSpec {
  const timezone = temporalZone(schedule.timezone)
  const bounds = boundsOf(schedule)
  const changes = clockChanges(schedule.timezone, now)
  const steady = steadyIntervals(schedule, changes)
  if (steady !== undefined) return { intervals: [...steady], timezone, ...bounds }
  const intervals = changes.flatMap((change) => firesNear(schedule, change))
  return {
    calendars: [...calendarsOf(schedule)],
    ...(intervals.length === 0 ? {} : { intervals }),
    timezone,
    ...bounds,
  }
}

/** Seconds between Temporal's firing and the run itself. */
export const fireDelaySeconds = (schedule: ScheduleDefinition): number =>
  schedule.type === 'cron' || schedule.type === 'minutes_interval' ? schedule.delaySeconds : 0

type ByCalendar = ScheduleDefinition & {
  readonly type: Exclude<ScheduleDefinition['type'], 'seconds_interval'>
}

function calendarsOf(schedule: ScheduleDefinition): readonly TemporalCalendar[] {
  const { type, command } = schedule as ByCalendar
  const seconds = commandSeconds(schedule)
  const patterns = sessionCron(type, command)
  switch (type) {
    case 'hourly':
      return [{ hour: '*', minute: [Math.floor(seconds / 60) % 60], second: seconds % 60 }]
    case 'cron':
    case 'minutes_interval':
      return patterns.flatMap((fields) => {
        const hour = fields.hours.length === 24 ? '*' : [...fields.hours]
        const minute = fields.minutes.length === 60 ? '*' : [...fields.minutes]
        return temporalDays(fields).map((days) => ({ ...days, hour, minute }))
      })
    case 'daily':
    case 'weekly':
    case 'monthly': {
      const rest = seconds % daySeconds
      const time = {
        hour: [Math.floor(rest / 3600)],
        minute: [Math.floor(rest / 60) % 60],
        second: rest % 60,
      }
      const moveDays = Math.floor(seconds / daySeconds)
      return patterns.flatMap((fields) =>
        temporalDays(fields, moveDays).map((days) => ({ ...days, ...time })),
      )
    }
  }
}

/**
 * Temporal's calendars pass over a time that clocks skip, and of one that comes twice they take either.
 * So around a change all of our own times are passed, each as an interval as long as the time since the
 * epoch: it is met once in a lifetime.
 */
function firesNear(
  schedule: ScheduleDefinition,
  { at, minutes }: ClockChange,
): readonly TemporalInterval[] {
  const delay = fireDelaySeconds(schedule) * 1000
  const reach = minutes > 0 ? 0 : -minutes * 60_000
  const from = new Date(at.getTime() - reach + delay)
  const to = new Date(at.getTime() + reach + delay)
  const fires: TemporalInterval[] = []
  let session = firstSession(schedule, from)
  for (let run = runTimeOf(schedule, session); run <= to; run = runTimeOf(schedule, session)) {
    fires.push({ every: run.getTime() - delay })
    session = nextSessionTime(schedule, session)
  }
  return fires
}

/** From the run of the first session that `start` allows to the last run before the day after `end`. */
function boundsOf(schedule: ScheduleDefinition): Pick<TemporalSpec, 'startAt' | 'endAt'> {
  const { start, end, timezone } = schedule
  const delay = fireDelaySeconds(schedule) * 1000
  const fire = (run: Date, before: number): Date => new Date(run.getTime() - delay - before)
  return {
    ...(start === undefined
      ? {}
      : { startAt: fire(runTimeOf(schedule, firstFrom(schedule, start)), 0) }),
    ...(end === undefined ? {} : { endAt: fire(midnightOf(end, 1, timezone), 1) }),
  }
}
