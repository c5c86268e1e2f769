import type { Activities } from '#workflows/activities.ts'
import type { StartableAttempt } from '#workflows/attempt-start.ts'
import { fireDelaySeconds, sessionTimeOfRun } from '#workflows/calendar/index.ts'
import { catchUpSeconds, scheduledStartKey } from '#workflows/contract.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import type { AcceptAttempt } from '#store/accept-attempt.ts'
import type { Store } from '#store/index.ts'
import type { Attempt, Schedule } from '#store/types.ts'

/** Decides about the sessions of a schedule that are due, what runs at `runTime` among them. */
export type SettleDue = (id: ScheduleId, runTime: Date) => Promise<unknown>

/**
 * One tick of a schedule: all that is due is decided about (docs/language.md#schedules), and the attempt of the tick's own
 * session is answered. What else was started waits for its own tick, or for the API's sweep.
 */
export function createOpenScheduledSession(
  store: Store,
  settle: SettleDue,
  accept: AcceptAttempt,
  startable: (attempt: Attempt) => StartableAttempt,
): Pick<Activities, 'openScheduledSession'> {
  return {
    async openScheduledSession({ scheduleId, scheduledTime, firedAt, follows }) {
      const before = await store.schedules.find(scheduleId)
      if (before === undefined) return null
      const fired = Date.parse(scheduledTime)
      const runTime = new Date(fired + fireDelaySeconds(before.definition) * 1000)
      await settle(scheduleId, runTime)

      // Read anew: what was decided by whom does not matter, only that it is.
      const schedule = await store.schedules.find(scheduleId)
      if (schedule === undefined) return null
      const sessionTime = sessionTimeOfRun(schedule.definition, runTime)
      const key = scheduledStartKey(scheduleId, sessionTime)
      const late = firedAt === undefined ? 0 : Date.parse(firedAt) - fired
      const isBackfill = late > catchUpSeconds * 1000
      const attempt =
        (await store.attempts.byKey(key)) ??
        (await older(store, accept, { schedule, sessionTime, key, isBackfill }))
      if (attempt === undefined) return null
      // Whoever saw the attempt first has started it: the sweep, or this tick before its worker was lost.
      const runs = attempt.startedAt !== null || attempt.finishedAt !== null
      if (runs && follows !== true) return null
      const { workflowType } = attempt
      return { ...startable(attempt), workflowType, ...(runs ? { runs: true } : {}) }
    },
  }
}

interface Older {
  readonly schedule: Schedule
  readonly sessionTime: Date
  readonly key: string
  /** Asked for later than any outage explains, in Temporal's own UI. */
  readonly isBackfill: boolean
}

/** A tick for a session that the schedule has passed is a backfill in Temporal's UI, unless it was passed on purpose. */
async function older(
  store: Store,
  accept: AcceptAttempt,
  { schedule, sessionTime, key, isBackfill }: Older,
): Promise<Attempt | undefined> {
  if (sessionTime >= schedule.nextSessionTime) return undefined
  if (!isBackfill && (await store.skippedSessions.includes(schedule.id, sessionTime))) {
    return undefined
  }
  const workflow = await store.workflows.find(schedule.workflowId)
  if (workflow === undefined) return undefined
  const started = await accept({
    workflow,
    sessionTime,
    params: {},
    actor: { kind: 'schedule', scheduleId: schedule.id },
    reason: isBackfill ? 'backfill' : 'schedule',
    idempotencyKey: key,
  })
  return !started.created && started.reason === 'session-exists' ? undefined : started.attempt
}
