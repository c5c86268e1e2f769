import { createHash } from 'node:crypto'
import type { FirstTimes, StandingSchedule } from '#store/push.ts'
import type { PassedSessions, SessionRange } from '#store/skipped-sessions.ts'
import type { Store } from '#store/index.ts'
import type { Project } from '#store/types.ts'
import type { NewWorkflow } from '#store/new-workflow.ts'
import { countSessions, firstSchedule, nextSchedule, undecided } from '#workflows/calendar/index.ts'
import type { ScheduleDefinition } from '#workflows/dig/definition.ts'
import type { Actor } from '#workflows/domain/actor.ts'
import {
  formatProblem,
  type OperatorSyntax,
  type UnsupportedOperators,
} from '#workflows/dig/index.ts'
import type { Problem } from '#workflows/dig/problem.ts'
import {
  ArchiveDamaged,
  ArchiveNotGzip,
  ArchiveTooLarge,
  ProjectRejected,
  RevisionExists,
} from '../errors.ts'
import type { CatchUp } from '../temporal/catch-up.ts'
import type { ScheduleControl } from '../temporal/schedules.ts'
import type { Checked } from './check.ts'
import type { Checker } from './checker.ts'

interface PushRequest {
  readonly project: string
  readonly revision: string
  /** tar.gz */
  readonly archive: Buffer
  readonly scheduleFrom?: Date
  /** Names of workflows whose schedules forget their last session. */
  readonly clearSchedules: 'all' | readonly string[]
  readonly actor: Actor
}

export interface Push {
  /** Compiles what was sent, and keeps it if there is no mistake in it. */
  archive(
    request: PushRequest,
  ): Promise<{ readonly project: Project; readonly warnings: readonly Problem[] }>
  /** Keeps workflows that are compiled already. */
  compiled(
    request: PushRequest,
    workflows: readonly NewWorkflow[],
  ): Promise<{ readonly project: Project }>
}

export interface PushNeeds {
  readonly store: Store
  readonly schedules: Pick<ScheduleControl, 'changed'>
  readonly catchUp: Pick<CatchUp, 'soon'>
  readonly checker: Pick<Checker, 'check'>
  readonly maxArchiveBytes: number
  /** Operators that this team's workers have beside Suiro's own. */
  readonly ownOperators?: readonly OperatorSyntax[]
  /** Whether operators of services that Suiro does not speak to refuse a project, which they do unless said otherwise. */
  readonly unsupportedOperators?: UnsupportedOperators
  readonly now?: () => Date
}

export function createPush(needs: PushNeeds): Push {
  const {
    store,
    schedules,
    catchUp,
    checker,
    maxArchiveBytes,
    ownOperators = [],
    unsupportedOperators = 'refuse',
    now = () => new Date(),
  } = needs

  const keep = async (
    request: PushRequest,
    workflows: readonly NewWorkflow[],
    archiveMd5: string,
  ): Promise<Project> => {
    const { project: name, revision, archive, actor } = request
    const at = now()
    const pushed = await store.projects.push({
      project: name,
      revision,
      archive,
      archiveMd5,
      workflows,
      firstTimes: (schedule, standing) => firstTimes(schedule, standing, request, at),
      lost: (standing) => {
        const range = lost(standing, at)
        return range && counted(standing, range)
      },
      actor,
      clearSchedules: request.clearSchedules,
    })
    if (pushed === 'revision-exists') {
      const project = await store.projects.findByName(name)
      throw new RevisionExists(revision, project?.id ?? name)
    }
    await schedules.changed(pushed.changedSchedules, pushed.removedSchedules)
    await catchUp.soon(pushed.dueSchedules)
    return pushed.project
  }

  return {
    async compiled(request, workflows) {
      const md5 = createHash('md5').update(request.archive).digest('base64')
      return { project: await keep(request, workflows, md5) }
    },
    async archive(request) {
      const { archive } = request
      const checked = await checker.check({
        archive,
        maxBytes: maxArchiveBytes,
        ownOperators,
        unsupportedOperators,
      })
      if (checked.kind === 'unreadable') throw unreadable(checked, maxArchiveBytes)
      if (checked.kind === 'rejected') throw new ProjectRejected(checked.problems, formatProblem)
      const { workflows, warnings, archiveMd5 } = checked
      return { project: await keep(request, workflows, archiveMd5), warnings }
    },
  }
}

function unreadable(
  { reason, message }: Extract<Checked, { kind: 'unreadable' }>,
  maxArchiveBytes: number,
): Error {
  switch (reason) {
    case 'not-gzip':
      return new ArchiveNotGzip()
    case 'too-large':
      return new ArchiveTooLarge(maxArchiveBytes)
    case 'damaged':
      return new ArchiveDamaged(message)
  }
}

/** Where a schedule begins or goes on; what it leaves behind of what had fallen due is lost. */
function firstTimes(
  schedule: ScheduleDefinition,
  standing: StandingSchedule | undefined,
  { scheduleFrom }: PushRequest,
  now: Date,
): FirstTimes {
  if (standing === undefined || standing.lastSessionTime === null) {
    // Somebody who says when to begin wants what has fallen due since.
    if (scheduleFrom !== undefined) {
      const first = firstSchedule(schedule, scheduleFrom)
      return { ...first, runUntil: now, ...lostBefore(first.sessionTime, standing, now) }
    }
    if (standing === undefined) return firstSchedule(schedule, now)
  }
  const next = goesOn(schedule, standing, now)
  const { nextSessionTime, nextRunTime, definition } = standing
  // A run that was moved by hand stays where it is.
  const same =
    next.sessionTime.getTime() === nextSessionTime.getTime() &&
    JSON.stringify(schedule) === JSON.stringify(definition)
  return same
    ? { ...next, runTime: nextRunTime }
    : { ...next, ...lostBefore(next.sessionTime, standing, now) }
}

/** After its last session and what it has passed; what never ran begins now, or with what is due already. */
function goesOn(
  schedule: ScheduleDefinition,
  { cleared, lastSessionTime, skippedUntil, nextRunTime }: StandingSchedule,
  now: Date,
) {
  const notBefore = skippedUntil && new Date(skippedUntil.getTime() - 1)
  if (lastSessionTime === null) {
    if (notBefore !== null) return nextSchedule(schedule, notBefore)
    return firstSchedule(schedule, cleared || nextRunTime > now ? now : nextRunTime)
  }
  const from = notBefore !== null && notBefore > lastSessionTime ? notBefore : lastSessionTime
  return nextSchedule(schedule, from)
}

const lost = (
  { definition, nextSessionTime, nextRunTime }: StandingSchedule,
  now: Date,
): SessionRange | undefined =>
  undecided(definition, { sessionTime: nextSessionTime, runTime: nextRunTime }, now)

function lostBefore(
  next: Date,
  standing: StandingSchedule | undefined,
  now: Date,
): { readonly lost?: PassedSessions } {
  if (standing === undefined) return {}
  const due = lost(standing, now)
  if (due === undefined || next <= due.from) return {}
  return {
    lost: counted(standing, { from: due.from, until: due.until < next ? due.until : next }),
  }
}

/** Counted by the schedule that they are sessions of. */
const counted = ({ definition }: StandingSchedule, range: SessionRange): PassedSessions => ({
  ...range,
  sessions: countSessions(definition, range),
})
