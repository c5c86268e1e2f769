import { createHash } from 'node:crypto'
import type { NewRevision } from '#store/projects.ts'
import type { Store } from '#store/index.ts'
import type { Project } from '#store/types.ts'
import {
  firstSchedule,
  isTimezone,
  nextSchedule,
  ScheduleNotPossibleError,
  temporalSpec,
} from '#workflows/calendar/index.ts'
import { digWorkflowType } from '#workflows/contract.ts'
import {
  compileProject,
  formatProblem,
  type OperatorWords,
  type Problem,
} from '#workflows/dig/index.ts'
import type { WorkflowDefinition } from '#workflows/dig/definition.ts'
import { ProjectRejected, RevisionExists } from '../errors.ts'
import type { ScheduleControl } from '../temporal/schedules.ts'
import { unpack } from './archive.ts'

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
    workflows: NewRevision['workflows'],
  ): Promise<{ readonly project: Project }>
}

export interface PushNeeds {
  readonly store: Store
  readonly schedules: Pick<ScheduleControl, 'changed'>
  readonly maxArchiveBytes: number
  /** A team's own operators. */
  readonly ownOperators?: readonly OperatorWords[]
  readonly now?: () => Date
}

export function createPush(needs: PushNeeds): Push {
  const { store, schedules, maxArchiveBytes, ownOperators = [], now = () => new Date() } = needs

  const compiled: Push['compiled'] = async (request, workflows) => {
    const { project: name, revision, archive } = request
    const pushed = await store.projects.push({
      project: name,
      revision,
      archive,
      archiveMd5: createHash('md5').update(archive).digest('base64'),
      workflows,
      firstTimes: firstTimes(request, now()),
      clearSchedules: request.clearSchedules,
    })
    if (pushed === 'revision-exists') {
      const project = await store.projects.findByName(name)
      throw new RevisionExists(revision, project?.id ?? name)
    }
    await schedules.changed(pushed.schedules, pushed.removedSchedules)
    return { project: pushed.project }
  }

  return {
    compiled,
    async archive(request) {
      const files = await unpack(request.archive, maxArchiveBytes)
      const texts = new Map([...files].map(([path, content]) => [path, content.toString()]))
      const { workflows, problems, warnings } = compileProject(texts, {
        isTimezone,
        ownOperators,
      })
      const all = [...problems, ...workflows.flatMap(impossibleSchedule)]
      if (all.length > 0) throw new ProjectRejected(all, formatProblem)
      const { project } = await compiled(
        request,
        workflows.map((definition) => ({ definition, workflowType: digWorkflowType })),
      )
      return { project, warnings }
    },
  }
}

/** A schedule that is right in itself, but that Temporal cannot keep. */
function impossibleSchedule({ name, schedule }: WorkflowDefinition): readonly Problem[] {
  try {
    if (schedule !== undefined) temporalSpec(schedule)
    return []
  } catch (error) {
    if (!(error instanceof ScheduleNotPossibleError)) throw error
    return [{ code: 'SCHEDULE', message: `${name}.dig: ${error.message}` }]
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
