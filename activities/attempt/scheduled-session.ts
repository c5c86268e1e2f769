import type { Activities } from '#workflows/activities.ts'
import {
  fireDelaySeconds,
  formatSessionTime,
  nextSchedule,
  scheduleParams,
  sessionTimeOfRun,
} from '#workflows/calendar/index.ts'
import type { Store } from '#store/index.ts'
import type { Schedule } from '#store/types.ts'

/** One tick of a schedule: which session it is for, and whether that one is to run (DIGDAG-SPEC 5.2). */
export function createOpenScheduledSession(
  store: Store,
  now: () => Date = () => new Date(),
): Pick<Activities, 'openScheduledSession'> {
  return {
    async openScheduledSession({ scheduleId, scheduledTime }) {
      const schedule = await store.schedules.find(scheduleId)
      if (schedule === undefined) return null
      const { definition, lastSessionTime: last } = schedule
      const fired = new Date(scheduledTime).getTime()
      const runTime = new Date(fired + fireDelaySeconds(definition) * 1000)
      const sessionTime = sessionTimeOfRun(definition, runTime)

      if (await isSkipped(store, schedule, sessionTime, runTime, now())) {
        await advance(store, schedule, sessionTime, false)
        return null
      }
      const started = await store.attempts.start({
        workflowId: schedule.workflowId,
        sessionTime,
        params: paramsOf(schedule, sessionTime),
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
        ...(last !== null && sessionTime < last ? { backfill: true } : {}),
      }
    },
  }
}

function paramsOf({ definition, lastSessionTime }: Schedule, sessionTime: Date) {
  const { timezone } = definition
  const before = lastSessionTime !== null && lastSessionTime < sessionTime
  return {
    ...scheduleParams({ schedule: definition, timezone }, sessionTime),
    ...(before ? { last_executed_session_time: formatSessionTime(lastSessionTime, timezone) } : {}),
  }
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
