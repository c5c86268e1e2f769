import type { ScheduleDefinition } from '../dig/definition.ts'
import { farFuture } from './pattern.ts'
import { firstSchedule, midnightOf, nextSchedule, type ScheduledTime } from './schedule-times.ts'

/** What a schedule decides about next. */
export interface DueSession extends ScheduledTime {
  /** Somebody asked for what is to run up to then. */
  readonly runUntil: Date | null
}

export interface Moment {
  readonly now: Date
  /** What is to run up to then is due: a tick may come by a clock that is ahead of ours. */
  readonly until: Date
  /** What nobody asked for is run so late at the most. */
  readonly catchUpSeconds: number
}

/** What is to become of it: `next` is the first session after what was decided. */
export type Due =
  | { readonly kind: 'later' }
  | { readonly kind: 'run'; readonly next: ScheduledTime }
  | {
      readonly kind: 'pass'
      /** `delayed`: later than `skip_delayed_by` allows. `missed`: nothing ran for too long. */
      readonly reason: 'delayed' | 'missed'
      readonly next: ScheduledTime
    }

/** All that came too late is passed at once, however much it is; what runs is decided one by one. */
export function decideDue(
  schedule: ScheduleDefinition,
  { sessionTime, runTime, runUntil }: DueSession,
  { now, until, catchUpSeconds }: Moment,
): Due {
  if (runTime > until) return { kind: 'later' }
  const pass = (reason: 'delayed' | 'missed', seconds: number): Due => ({
    kind: 'pass',
    reason,
    next: firstAfter(schedule, sessionTime, before(now, seconds)),
  })
  const { skipDelayedBySeconds: delay } = schedule
  if (delay !== undefined && runTime < before(now, delay)) return pass('delayed', delay)
  const asked = runUntil !== null && runTime <= runUntil
  if (!asked && runTime < before(now, catchUpSeconds)) return pass('missed', catchUpSeconds)
  return { kind: 'run', next: nextSchedule(schedule, sessionTime) }
}

/** Sessions that had fallen due of a schedule, and about which nothing is decided. */
export const undecided = (
  schedule: ScheduleDefinition,
  { sessionTime, runTime }: ScheduledTime,
  now: Date,
): { readonly from: Date; readonly until: Date } | undefined =>
  runTime > now
    ? undefined
    : {
        from: sessionTime,
        until: passedUntil(
          schedule,
          firstAfter(schedule, sessionTime, new Date(now.getTime() + 1)).sessionTime,
        ),
      }

/** Where sessions end that are passed up to `next`: after the last one there are none, not one in a far future. */
export const passedUntil = ({ end, timezone }: ScheduleDefinition, next: Date): Date =>
  end === undefined || next < farFuture ? next : midnightOf(end, 1, timezone)

/** The first session after another one that runs at `time` or later. */
function firstAfter(schedule: ScheduleDefinition, session: Date, time: Date): ScheduledTime {
  const first = firstSchedule(schedule, time)
  return first.sessionTime > session ? first : nextSchedule(schedule, session)
}

const before = (now: Date, seconds: number): Date => new Date(now.getTime() - seconds * 1000)
