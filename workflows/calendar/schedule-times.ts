import { DateTime } from 'luxon'
import type { ScheduleDefinition } from '../dig/definition.ts'
import { farFuture, sessionPattern } from './pattern.ts'
import { runTimeOf } from './run-time.ts'
import { zoneOf } from './zone.ts'

/** One session of a schedule: what time it is for, and when it runs. */
export interface ScheduledTime {
  readonly sessionTime: Date
  readonly runTime: Date
}

/** The first session whose run time is at `time` or later (DIGDAG-SPEC 5.1). */
export function firstSchedule(schedule: ScheduleDefinition, time: Date): ScheduledTime {
  const pattern = sessionPattern(schedule)
  // Between session and run there is a delay that may be longer than the step between sessions.
  let sessionTime = sessionBefore(schedule, time)
  while (runTimeOf(schedule, sessionTime) < time) sessionTime = pattern.after(sessionTime)
  return withinBounds(schedule, sessionTime)
}

/** The first session whose session time is after `time`. */
export const nextSchedule = (schedule: ScheduleDefinition, time: Date): ScheduledTime =>
  withinBounds(schedule, sessionPattern(schedule).after(time))

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

/** A session that certainly runs before `time`, and not long before. */
function sessionBefore(schedule: ScheduleDefinition, time: Date): Date {
  const pattern = sessionPattern(schedule)
  let sessionTime = pattern.before(time)
  while (runTimeOf(schedule, sessionTime) >= time) sessionTime = pattern.before(sessionTime)
  return sessionTime
}

function withinBounds(schedule: ScheduleDefinition, sessionTime: Date): ScheduledTime {
  const midnight = (date: string, days: number): Date =>
    DateTime.fromISO(date, { zone: zoneOf(schedule.timezone) })
      .plus({ days })
      .toJSDate()
  let session = sessionTime
  if (schedule.start !== undefined) {
    const start = midnight(schedule.start, 0)
    if (runTimeOf(schedule, session) < start) {
      session = sessionPattern(schedule).after(new Date(start.getTime() - 1))
    }
  }
  const runTime = runTimeOf(schedule, session)
  if (schedule.end !== undefined && runTime >= midnight(schedule.end, 1)) {
    return { sessionTime: farFuture, runTime: farFuture }
  }
  return { sessionTime: session, runTime }
}
