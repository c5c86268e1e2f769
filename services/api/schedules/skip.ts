import type { LockedSchedule } from '#store/locked-schedule.ts'
import type { Schedule } from '#store/types.ts'
import {
  countSessions,
  firstSchedule,
  formatSessionTime,
  nextSchedule,
  passedUntil,
  type ScheduledTime,
} from '#workflows/calendar/index.ts'
import type { Actor } from '#workflows/domain/actor.ts'
import { SkipToPast } from '../errors.ts'

/** Where a schedule is to go on. */
export interface SkipTarget {
  /** The first session that runs at this time or later, … */
  readonly from: Date
  /** … and so many after it. */
  readonly count?: number
  /** When that session runs, if not at the time of its schedule. */
  readonly runTime?: Date
}

/** The session that a schedule goes on with; refused unless it is after the one that is next now. */
export function skippedTo(
  { definition, nextSessionTime }: Schedule,
  { from, count = 0, runTime }: SkipTarget,
): ScheduledTime {
  let next = firstSchedule(definition, from)
  for (let passed = 0; passed < count; passed += 1)
    next = nextSchedule(definition, next.sessionTime)
  if (next.sessionTime <= nextSessionTime) {
    const { timezone } = definition
    throw new SkipToPast(
      formatSessionTime(nextSessionTime, timezone),
      formatSessionTime(next.sessionTime, timezone),
    )
  }
  return runTime === undefined ? next : { ...next, runTime }
}

/** Passes over all sessions before the target, with a row that says who wanted it. */
export async function skip(
  locked: LockedSchedule,
  target: SkipTarget,
  actor: Actor,
): Promise<Schedule> {
  const { schedule } = locked
  const next = skippedTo(schedule, target)
  const passed = {
    from: schedule.nextSessionTime,
    until: passedUntil(schedule.definition, next.sessionTime),
  }
  await locked.skip({
    ...passed,
    sessions: countSessions(schedule.definition, passed),
    reason: 'skipped',
    actor,
  })
  return locked.moveOn({
    nextSessionTime: next.sessionTime,
    nextRunTime: next.runTime,
    // No tick of Temporal comes at a time that somebody has chosen.
    ...(target.runTime === undefined ? {} : { runUntil: target.runTime }),
  })
}
