import type { LockedSchedule } from '#store/locked-schedule.ts'
import type { Store } from '#store/index.ts'
import type { NewSkippedSessions } from '#store/skipped-sessions.ts'
import type { Attempt } from '#store/types.ts'
import {
  countSessions,
  decideDue,
  formatSessionTime,
  passedUntil,
  type Due,
  type DueSession,
  type ScheduledTime,
} from '#workflows/calendar/index.ts'
import { catchUpSeconds, scheduledStartKey } from '#workflows/contract.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createAcceptAttempt } from './accept-attempt.ts'

/** What was decided: attempts that are new and not yet passed on to Temporal, and whether more is due. */
export interface Settled {
  readonly started: readonly Attempt[]
  readonly more: boolean
}

/**
 * Decides about a schedule's sessions that are due, in the order of their times: each has an attempt then, or a row
 * that says why it has none. `runTime`: a tick says that what runs then is due.
 */
export type SettleSchedule = (id: ScheduleId, runTime?: Date) => Promise<Settled>

/** In one transaction: a tick waits for it, and so does a person who reschedules. */
const mostAtOnce = 50

/** A tick may come by a clock that is ahead of ours; one for later than that was asked for in Temporal's own UI. */
const mostAheadMs = 60_000

// S1. Whoever decides holds the schedule's row locked: a tick, a request and a sweep come one after the other.
// S2. Attempts, rows of skipped sessions and the next session are written together, or nothing of it.
// S3. The next session moves on only; a push may move it back, and removes the rows from there on.

export const createSettleSchedule =
  (
    { schedules }: { readonly schedules: Pick<Store['schedules'], 'locked'> },
    clock: () => Date = () => new Date(),
  ): SettleSchedule =>
  async (id, runTime) =>
    (await schedules.locked(id, (locked) => settle(locked, clock(), runTime))) ?? nothing

const nothing: Settled = { started: [], more: false }

async function settle(locked: LockedSchedule, now: Date, tick: Date | undefined): Promise<Settled> {
  const { schedule } = locked
  if (schedule.disabledAt !== null) return nothing
  const { definition, runUntil } = schedule
  const ahead = tick === undefined ? 0 : tick.getTime() - now.getTime()
  const until = tick !== undefined && ahead > 0 && ahead <= mostAheadMs ? tick : now
  const decide = (at: ScheduledTime): Due =>
    decideDue(definition, { ...at, runUntil } satisfies DueSession, { now, until, catchUpSeconds })

  const started: Attempt[] = []
  const skipped: NewSkippedSessions[] = []
  let last = schedule.lastSessionTime
  let at: ScheduledTime = { sessionTime: schedule.nextSessionTime, runTime: schedule.nextRunTime }
  let due = decide(at)
  for (let decided = 0; due.kind !== 'later' && decided < mostAtOnce; decided += 1) {
    const reason = due.kind === 'pass' ? due.reason : await overtime(locked, at.sessionTime)
    if (reason === undefined) {
      const attempt = await start(locked, at, last)
      if (attempt !== undefined) started.push(attempt)
      if (last === null || last < at.sessionTime) last = at.sessionTime
    } else {
      const passed = {
        from: at.sessionTime,
        until: passedUntil(definition, due.next.sessionTime),
      }
      pass(skipped, {
        ...passed,
        sessions: countSessions(definition, passed),
        reason,
        actor: { kind: 'schedule', scheduleId: schedule.id },
      })
    }
    at = due.next
    due = decide(at)
  }

  for (const one of skipped) await locked.skip(one)
  if (at.sessionTime > schedule.nextSessionTime) {
    await locked.moveOn({
      nextSessionTime: at.sessionTime,
      nextRunTime: at.runTime,
      ...(last === null ? {} : { lastSessionTime: last }),
    })
  }
  return { started, more: due.kind !== 'later' }
}

/** Sessions in a row that are passed for the same reason are one row. */
function pass(skipped: NewSkippedSessions[], next: NewSkippedSessions): void {
  const before = skipped.at(-1)
  if (before?.reason === next.reason && before.until.getTime() === next.from.getTime()) {
    skipped[skipped.length - 1] = {
      ...before,
      until: next.until,
      sessions: sumOf(before.sessions, next.sessions),
    }
  } else skipped.push(next)
}

/** Of two counts; null where one is not known. */
const sumOf = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : one + other

/** A session that somebody has started already is no overtime of its own. */
async function overtime(
  locked: LockedSchedule,
  sessionTime: Date,
): Promise<'overtime' | undefined> {
  if (!locked.schedule.definition.skipOnOvertime || (await locked.hasSession(sessionTime)))
    return undefined
  return (await locked.anyRunning()) ? 'overtime' : undefined
}

/** Undefined where somebody has started the session before. */
async function start(
  { schedule, workflow, attempts }: LockedSchedule,
  { sessionTime, runTime }: ScheduledTime,
  lastSessionTime: Date | null,
): Promise<Attempt | undefined> {
  const started = await createAcceptAttempt({ attempts })({
    workflow,
    sessionTime,
    params: lastExecuted(lastSessionTime, sessionTime, schedule.definition.timezone),
    actor: { kind: 'schedule', scheduleId: schedule.id },
    reason: 'schedule',
    idempotencyKey: scheduledStartKey(schedule.id, sessionTime),
    dueAt: runTime,
  })
  return started.created ? started.attempt : undefined
}

/** What a scheduled attempt knows of the session that ran before. */
export const lastExecuted = (last: Date | null, sessionTime: Date, timezone: string): JsonObject =>
  last === null || last >= sessionTime
    ? {}
    : { last_executed_session_time: formatSessionTime(last, timezone) }
