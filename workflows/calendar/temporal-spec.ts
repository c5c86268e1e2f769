import type { ScheduleDefinition } from '../dig/definition.ts'
import { sessionCron } from '../dig/schedule/session-cron.ts'
import { gapEnds, wallFields } from './gaps.ts'
import { commandSeconds, daySeconds, runTimeOf } from './run-time.ts'
import { firstSession, midnightOf } from './schedule-times.ts'
import { monthNames, temporalDays, type TemporalCalendar } from './temporal-calendar.ts'
import { temporalZone } from './temporal-zone.ts'

export { ScheduleNotPossibleError } from './temporal-zone.ts'

/** The part of a Temporal Schedule's spec that we write. */
export interface TemporalSpec {
  readonly calendars?: TemporalCalendar[]
  readonly intervals?: { readonly every: number; readonly offset?: number }[]
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
  if (schedule.type === 'seconds_interval') {
    const every = Number(schedule.command) * 1000
    const offset = (schedule.delaySeconds * 1000) % every
    const interval = { every, ...(offset === 0 ? {} : { offset }) }
    return { intervals: [interval], timezone, ...bounds }
  }
  const calendars = [...calendarsOf(schedule), ...leftOut(schedule, now)]
  return { calendars, timezone, ...bounds }
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

/** Temporal passes over a time that clocks skip; such a run is at the end of the gap instead. */
function leftOut(schedule: ScheduleDefinition, now: Date): readonly TemporalCalendar[] {
  return gapEnds(schedule.timezone, now).flatMap((end) => {
    const run = new Date(end.getTime() + fireDelaySeconds(schedule) * 1000)
    if (runTimeOf(schedule, firstSession(schedule, run)).getTime() !== run.getTime()) return []
    const { year, month, day, hour, minute, second } = wallFields(end, schedule.timezone)
    return [
      {
        year,
        month: [monthNames[month]!],
        dayOfMonth: [day],
        hour: [hour],
        minute: [minute],
        second,
      },
    ]
  })
}

/** `start` and `end` are days of run times. */
function boundsOf(schedule: ScheduleDefinition): Pick<TemporalSpec, 'startAt' | 'endAt'> {
  const { start, end } = schedule
  const fire = (date: string, days: number, before: number): Date =>
    new Date(
      midnightOf(date, days, schedule.timezone).getTime() -
        fireDelaySeconds(schedule) * 1000 -
        before,
    )
  return {
    ...(start === undefined ? {} : { startAt: fire(start, 0, 0) }),
    ...(end === undefined ? {} : { endAt: fire(end, 1, 1) }),
  }
}
