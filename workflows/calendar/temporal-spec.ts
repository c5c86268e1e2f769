import type { ScheduleDefinition } from '../dig/definition.ts'
import { timeOfDay, timeOfHour } from './run-time.ts'

/** The part of a Temporal Schedule's spec that we write. */
export interface TemporalSpec {
  readonly cronExpressions?: string[]
  readonly calendars?: {
    readonly hour?: number | '*'
    readonly minute?: number
    readonly second?: number
    readonly dayOfWeek?: DayName
    readonly dayOfMonth?: number
  }[]
  readonly intervals?: { readonly every: number; readonly offset?: number }[]
  readonly timezone: string
  readonly startAt?: Date
  readonly endAt?: Date
}

const days = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const
type DayName = (typeof days)[number]

/** A schedule that Temporal's own schedules cannot express; the message says how to mend it. */
export class ScheduleNotPossibleError extends Error {
  override readonly name = 'ScheduleNotPossibleError'
}

/**
 * When Temporal is to fire: the run times of a schedule's sessions, by the clock on the wall. For `cron>`
 * and `minutes_interval>` it is the session times; `fireDelaySeconds` says how long to wait then.
 */
export function temporalSpec(schedule: ScheduleDefinition): TemporalSpec {
  const timezone = temporalZone(schedule.timezone)
  switch (schedule.type) {
    case 'cron':
      return { cronExpressions: [schedule.command], timezone }
    case 'minutes_interval':
      return { cronExpressions: [`*/${schedule.command} * * * *`], timezone }
    case 'seconds_interval': {
      const every = Number(schedule.command) * 1000
      const offset = (schedule.delaySeconds * 1000) % every
      return { intervals: [{ every, ...(offset === 0 ? {} : { offset }) }], timezone }
    }
    case 'hourly': {
      const { minutes, seconds } = timeOfHour(schedule)
      return { calendars: [{ hour: '*', minute: minutes % 60, second: seconds }], timezone }
    }
    case 'daily':
    case 'weekly':
    case 'monthly':
      return { calendars: [onDays(schedule)], timezone }
  }
}

/** Seconds between Temporal's firing and the run itself. */
export const fireDelaySeconds = (schedule: ScheduleDefinition): number =>
  schedule.type === 'cron' || schedule.type === 'minutes_interval' ? schedule.delaySeconds : 0

/** Hours beyond 23 mean a later day, so the day moves on with them. */
function onDays(schedule: ScheduleDefinition): NonNullable<TemporalSpec['calendars']>[number] {
  const { hours, minutes, seconds } = timeOfDay(schedule)
  const time = { hour: hours % 24, minute: minutes % 60, second: seconds % 60 }
  const later = Math.floor(hours / 24)
  const day = (schedule.command.split(',')[0] ?? '').trim()
  if (schedule.type === 'weekly') {
    return { ...time, dayOfWeek: days[(dayNumber(day) + later) % 7]! }
  }
  if (schedule.type === 'daily') return time
  const dayOfMonth = Number(day) + later
  if (later > 0 && dayOfMonth > 28) {
    throw new ScheduleNotPossibleError(
      `monthly>: ${schedule.command} runs on a day that not every month has; write the day it runs on and a time below 24:00:00`,
    )
  }
  return { ...time, dayOfMonth }
}

function dayNumber(day: string): number {
  if (/^\d$/.test(day)) return Number(day) % 7
  return days.findIndex((name) => name.startsWith(day.toUpperCase()))
}

/** Temporal knows zones by name only: a whole-hour offset has one, with its sign turned round. */
function temporalZone(timezone: string): string {
  if (timezone === 'Z') return 'UTC'
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(timezone) ?? []
  if (sign === undefined) return timezone
  if (minutes !== '00') {
    throw new ScheduleNotPossibleError(
      `A schedule in the zone ${timezone} needs a zone by name, for example Asia/Kolkata for +05:30`,
    )
  }
  return Number(hours) === 0 ? 'UTC' : `Etc/GMT${sign === '+' ? '-' : '+'}${Number(hours)}`
}
