import type { Activities } from '#workflows/activities.ts'
import {
  fireDelaySeconds,
  formatSessionTime,
  nextSchedule,
  sessionTimeOfRun,
} from '#workflows/calendar/index.ts'
import { catchUpSeconds } from '#workflows/contract.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { AcceptAttempt } from '#store/attempts.ts'
import type { Store } from '#store/index.ts'
import type { Schedule } from '#store/types.ts'

/** One tick of a schedule: which session it is for, and whether that one is to run (docs/language.md#schedules). */
export function createOpenScheduledSession(
  store: Store,
  accept: AcceptAttempt,
  now: () => Date = () => new Date(),
): Pick<Activities, 'openScheduledSession'> {
  return {
    async openScheduledSession({ scheduleId, scheduledTime, firedAt }) {
      const schedule = await store.schedules.find(scheduleId)
      const workflow = schedule && (await store.workflows.find(schedule.workflowId))
      if (schedule === undefined || workflow === undefined) return null
      const { definition } = schedule
      const fired = new Date(scheduledTime).getTime()
      const runTime = new Date(fired + fireDelaySeconds(definition) * 1000)
      const sessionTime = sessionTimeOfRun(definition, runTime)

      if (await isSkipped(store, schedule, sessionTime, runTime, now())) {
        await advance(store, schedule, sessionTime, false)
        return null
      }
      const isBackfill =
        firedAt !== undefined && Date.parse(firedAt) - fired > catchUpSeconds * 1000
      const started = await accept({
        workflow,
        sessionTime,
        params: lastExecuted(schedule, sessionTime),
        actor: { kind: 'schedule', scheduleId },
        reason: isBackfill ? 'backfill' : 'schedule',
        // The tick that is tried again after a lost worker finds its own attempt.
        idempotencyKey: `schedule-${scheduleId}-${sessionTime.toISOString()}`,
      })
      await advance(store, schedule, sessionTime, true)
      if (!started.created && started.reason === 'session-exists') return null
      const { attempt } = started
      return {
        attemptId: attempt.id,
        workflowType: attempt.workflowType,
        project: attempt.projectName,
        workflow: attempt.workflowName,
        sessionTime: formatSessionTime(sessionTime, definition.timezone),
        ...(attempt.reason === 'backfill' ? { backfill: true } : {}),
      }
    },
  }
}

function lastExecuted({ definition, lastSessionTime }: Schedule, sessionTime: Date): JsonObject {
  if (lastSessionTime === null || lastSessionTime >= sessionTime) return {}
  return { last_executed_session_time: formatSessionTime(lastSessionTime, definition.timezone) }
}

async function isSkipped(
  store: Store,
  { definition, projectId, workflowName }: Schedule,
  sessionTime: Date,
  runTime: Date,
  now: Date,
): Promise<boolean> {
  const { skipDelayedBySeconds, skipOnOvertime } = definition
  if (skipDelayedBySeconds !== undefined) {
    if (now.getTime() > runTime.getTime() + skipDelayedBySeconds * 1000) return true
  }
  if (!skipOnOvertime || !(await store.attempts.anyRunning(projectId, workflowName))) return false
  // What runs may be this very session, started before a worker was lost.
  const latest = await store.attempts.list({
    projectId,
    workflowName,
    includeRetried: true,
    count: 20,
  })
  return latest.every((attempt) => attempt.sessionTime.getTime() !== sessionTime.getTime())
}

/** Moves the schedule on; a tick for an older session (a backfill) does not move it back. */
async function advance(
  store: Store,
  schedule: Schedule,
  sessionTime: Date,
  ran: boolean,
): Promise<void> {
  const next = nextSchedule(schedule.definition, sessionTime)
  const further = next.sessionTime > schedule.nextSessionTime
  await store.schedules.advance(schedule.id, {
    ...(ran ? { lastSessionTime: sessionTime } : {}),
    nextRunTime: further ? next.runTime : schedule.nextRunTime,
    nextSessionTime: further ? next.sessionTime : schedule.nextSessionTime,
  })
}
