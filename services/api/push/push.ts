import { createHash } from 'node:crypto'
import type { NewRevision } from '#store/push.ts'
import type { Store } from '#store/index.ts'
import type { Project } from '#store/types.ts'
import type { NewWorkflow } from '#store/new-workflow.ts'
import { firstSchedule, nextSchedule } from '#workflows/calendar/index.ts'
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
    const { project: name, revision, archive } = request
    const pushed = await store.projects.push({
      project: name,
      revision,
      archive,
      archiveMd5,
      workflows,
      firstTimes: firstTimes(request, now()),
      clearSchedules: request.clearSchedules,
    })
    if (pushed === 'revision-exists') {
      const project = await store.projects.findByName(name)
      throw new RevisionExists(revision, project?.id ?? name)
    }
    await schedules.changed(pushed.changedSchedules, pushed.removedSchedules)
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

/** A schedule goes on after its last session; a new or cleared one begins at `schedule_from` or now. */
function firstTimes(
  { scheduleFrom, clearSchedules }: PushRequest,
  now: Date,
): NewRevision['firstTimes'] {
  return (schedule, lastSessionTime, workflowName) => {
    const cleared = clearSchedules === 'all' || clearSchedules.includes(workflowName)
    return lastSessionTime === null || cleared
      ? firstSchedule(schedule, scheduleFrom ?? now)
      : nextSchedule(schedule, lastSessionTime)
  }
}
