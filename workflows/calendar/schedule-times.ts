import type { ScheduleDefinition } from '../dig/definition.ts'
import { farFuture, sessionPattern } from './pattern.ts'
import { runTimeOf } from './run-time.ts'
import { instantOf } from './wall-clock.ts'

/** One session of a schedule: what time it is for, and when it runs. */
export interface ScheduledTime {
  readonly sessionTime: Date
  readonly runTime: Date
}

/** The first session whose run time is at `time` or later (docs/language.md#schedules). */
export const firstSchedule = (schedule: ScheduleDefinition, time: Date): ScheduledTime =>
  withinBounds(schedule, firstSession(schedule, time))

/** The first session whose session time is after `time`. */
export const nextSchedule = (schedule: ScheduleDefinition, time: Date): ScheduledTime =>
  withinBounds(schedule, sessionPattern(schedule).after(time))

/** More than that are not counted: whoever counts holds a schedule locked. */
const mostCounted = 10_000

/** How many sessions there are from one of them on and before a time; null where they are too many to count. */
export function countSessions(
  schedule: ScheduleDefinition,
  { from, until }: { readonly from: Date; readonly until: Date },
): number | null {
  let count = 0
  for (let at = from; at < until; at = nextSchedule(schedule, at).sessionTime) {
    count += 1
    if (count > mostCounted) return null
  }
  return count
}

/** The last session time before `time`; the schedule's start and end do not matter. */
export const lastSessionTime = (schedule: ScheduleDefinition, time: Date): Date =>
  sessionPattern(schedule).before(time)

/** The first session time after `time`; the schedule's start and end do not matter. */
export const nextSessionTime = (schedule: ScheduleDefinition, time: Date): Date =>
  sessionPattern(schedule).after(time)

/** The session that a run at `runTime` is for: the last one whose own run time has come. */
export function sessionTimeOfRun(schedule: ScheduleDefinition, runTime: Date): Date {
  const pattern = sessionPattern(schedule)
  let sessionTime = pattern.before(new Date(runTime.getTime() + 1))
  while (runTimeOf(schedule, sessionTime) > runTime) sessionTime = pattern.before(sessionTime)
  return sessionTime
}

/** The session time of the first run at `time` or later; the schedule's start and end do not matter. */
export function firstSession(schedule: ScheduleDefinition, time: Date): Date {
  const pattern = sessionPattern(schedule)
  // Between session and run there is a delay that may be longer than the step between sessions.
  let sessionTime = pattern.before(time)
  while (runTimeOf(schedule, sessionTime) >= time) sessionTime = pattern.before(sessionTime)
  while (runTimeOf(schedule, sessionTime) < time) sessionTime = pattern.after(sessionTime)
  return sessionTime
}

/** Midnight so many days after a date such as `2026-04-01`, by the clock on the wall. */
export const midnightOf = (date: string, days: number, timezone: string): Date =>
  instantOf(new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000), timezone)

/** The first session on a date or later. */
export const firstFrom = (schedule: ScheduleDefinition, date: string): Date =>
  sessionPattern(schedule).after(new Date(midnightOf(date, 0, schedule.timezone).getTime() - 1))

/** `start` is a day of sessions, `end` one of runs: what lies outside does not come. */
function withinBounds(schedule: ScheduleDefinition, sessionTime: Date): ScheduledTime {
  const { start, end, timezone } = schedule
  const first = start === undefined ? sessionTime : firstFrom(schedule, start)
  const session = sessionTime < first ? first : sessionTime
  const runTime = runTimeOf(schedule, session)
  if (end !== undefined && runTime >= midnightOf(end, 1, timezone)) {
    return { sessionTime: farFuture, runTime: farFuture }
  }
  return { sessionTime: session, runTime }
}
