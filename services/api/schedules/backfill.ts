import { randomUUID } from 'node:crypto'
import type { LockedSchedule } from '#store/locked-schedule.ts'
import type { Attempt, Schedule } from '#store/types.ts'
import { createAcceptAttempt } from '#services/shared/accept-attempt.ts'
import { lastExecuted } from '#services/shared/settle-schedule.ts'
import { firstSchedule, formatSessionTime, nextSchedule } from '#workflows/calendar/index.ts'
import type { Actor } from '#workflows/domain/actor.ts'
import type { AttemptId, SessionId } from '#workflows/domain/ids.ts'
import { BackfillNameTaken, BackfillTooFew, BackfillTooMany } from '../errors.ts'
import { instant } from '../time.ts'

export interface BackfillWanted {
  readonly from: Date
  readonly count?: number
  readonly attemptName: string
  readonly actor: Actor
}

const most = 1_000

/**
 * Sessions that a schedule has passed, each with an attempt of this name. They run one after the other: each begins
 * once the one before has ended, whatever its end.
 */
export async function backfill(
  locked: LockedSchedule,
  wanted: BackfillWanted,
): Promise<readonly Attempt[]> {
  const sessionTimes = await checked(locked, wanted)
  const { schedule, workflow, attempts } = locked
  const accept = createAcceptAttempt({ attempts })
  const { timezone } = schedule.definition
  const { attemptName, actor } = wanted
  const [first] = sessionTimes
  let before = first === undefined ? null : await locked.sessionBefore(first)
  const accepted: Attempt[] = []
  for (const sessionTime of sessionTimes) {
    const previous = accepted.at(-1)
    const started = await accept({
      workflow,
      sessionTime,
      retryAttemptName: attemptName,
      params: lastExecuted(before, sessionTime, timezone),
      actor,
      reason: 'backfill',
      ...(previous === undefined ? {} : { afterAttemptId: previous.id }),
    })
    // Started by hand under that name since we looked.
    if (!started.created) throw nameTaken(schedule, sessionTime, attemptName)
    accepted.push(started.attempt)
    before = sessionTime
  }
  return accepted
}

/** What a backfill would start: attempts without ids. */
export async function plannedBackfill(
  locked: LockedSchedule,
  wanted: BackfillWanted,
): Promise<readonly Attempt[]> {
  const { schedule, workflow } = locked
  return (await checked(locked, wanted)).map((sessionTime) => ({
    id: 0 as AttemptId,
    temporalId: '',
    index: 0,
    sessionId: 0 as SessionId,
    sessionUuid: randomUUID(),
    sessionTime,
    projectId: schedule.projectId,
    projectName: schedule.projectName,
    workflowId: workflow.id,
    workflowName: workflow.name,
    workflowType: workflow.workflowType,
    timezone: workflow.timezone,
    retryAttemptName: wanted.attemptName,
    params: {},
    resume: null,
    actor: wanted.actor,
    reason: 'backfill',
    cancelRequested: false,
    canceledBy: null,
    stalled: null,
    createdAt: new Date(),
    startedAt: null,
    finishedAt: null,
    success: null,
    logsRemovedAt: null,
    tasksRemovedAt: null,
  }))
}

async function checked(
  locked: LockedSchedule,
  { from, count, attemptName }: BackfillWanted,
): Promise<readonly Date[]> {
  const { schedule } = locked
  const sessionTimes = sessionsFrom(schedule, from, count ?? most + 1)
  if (sessionTimes.length > most) throw new BackfillTooMany(most)
  if (count !== undefined && sessionTimes.length < count) {
    const next = formatSessionTime(schedule.nextSessionTime, schedule.definition.timezone)
    throw new BackfillTooFew(count, sessionTimes.length, next)
  }
  const taken = await locked.firstNamed(sessionTimes, attemptName)
  if (taken !== null) throw nameTaken(schedule, taken, attemptName)
  return sessionTimes
}

/** The first of the sessions that ran, or should have run, from a time on, before the schedule's next one. */
function sessionsFrom(
  { definition, nextSessionTime }: Schedule,
  from: Date,
  count: number,
): readonly Date[] {
  const found: Date[] = []
  let { sessionTime } = firstSchedule(definition, from)
  while (found.length < count && sessionTime < nextSessionTime) {
    found.push(sessionTime)
    ;({ sessionTime } = nextSchedule(definition, sessionTime))
  }
  return found
}

const nameTaken = (schedule: Schedule, sessionTime: Date, attemptName: string) =>
  new BackfillNameTaken(
    schedule.projectId,
    schedule.workflowName,
    instant(sessionTime),
    attemptName,
  )
