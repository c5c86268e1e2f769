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
  type ProjectTexts,
} from '#workflows/dig/index.ts'
import type { WorkflowDefinition } from '#workflows/dig/definition.ts'
import type { Problem } from '#workflows/dig/problem.ts'
import { ProjectRejected, RevisionExists } from '../errors.ts'
import type { ScheduleControl } from '../temporal/schedules.ts'
import { unpack, type ProjectFiles } from './archive.ts'

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
  /** Operators that this team's workers have beside Suiro's own. */
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
      const texts = textsOf(files)
      const { workflows, problems, warnings } = compileProject(texts, { isTimezone, ownOperators })
      const impossible = workflows.flatMap((workflow) => impossibleSchedule(workflow, texts))
      const all = [...problems, ...impossible]
      if (all.length > 0) throw new ProjectRejected(all, formatProblem)
      const { project } = await compiled(
        request,
        workflows.map((definition) => ({ definition, workflowType: digWorkflowType })),
      )
      return { project, warnings }
    },
  }
}

/** Files as texts, each when it is asked for: most of a project is no workflow. */
function textsOf(files: ProjectFiles): ProjectTexts {
  const read = new Map<string, string>()
  return {
    has: (path) => files.has(path),
    keys: () => files.keys(),
    get(path) {
      const text = read.get(path) ?? files.get(path)?.toString()
      if (text !== undefined) read.set(path, text)
      return text
    },
  }
}

/** A schedule that is right in itself, but that Temporal cannot keep: the zone of its workflow. */
function impossibleSchedule(
  { name, schedule }: WorkflowDefinition,
  texts: ProjectTexts,
): readonly Problem[] {
  try {
    if (schedule !== undefined) temporalSpec(schedule)
    return []
  } catch (error) {
    if (!(error instanceof ScheduleNotPossibleError)) throw error
    const file = `${name}.dig`
    const lines = texts.get(file)?.split(/\r?\n/) ?? []
    const line = Math.max(
      0,
      lines.findIndex((text) => text.startsWith('timezone')),
    )
    const place = { file, line: line + 1, column: 1, text: lines[line] ?? '' }
    const advice = 'Take the name of a zone that has this offset all year.'
    return [{ code: 'SCHEDULE', message: error.message, place, advice }]
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
