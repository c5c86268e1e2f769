import { createHash } from 'node:crypto'
import { tarGz } from '#archive/pack.ts'
import { firstSchedule, isTimezone } from '#workflows/calendar/index.ts'
import { compileProject, formatProblem } from '#workflows/dig/index.ts'
import { digWorkflowType } from '#workflows/contract.ts'
import type { Store } from '#store/index.ts'
import { newWorkflow } from '#store/new-workflow.ts'
import type { Pushed } from '#store/push.ts'

export type Files = Readonly<Record<string, string>>

/** A project's archive, as a push sends it. */
export const archiveOf = (files: Files): Promise<Buffer> =>
  tarGz(Object.entries(files).map(([name, text]) => [{ name }, text]))

let pushes = 0

/** Pushes a project of these files, as the API does; its schedules begin at a time. */
export async function push(
  store: Store,
  files: Files,
  project = 'demo',
  scheduleFrom = '2026-03-01T00:00:00Z',
): Promise<Pushed> {
  const { workflows, problems } = compileProject(new Map(Object.entries(files)), { isTimezone })
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join('\n'))
  const archive = await archiveOf(files)
  pushes += 1
  const pushed = await store.projects.push({
    project,
    revision: `r${pushes}`,
    archive,
    archiveMd5: createHash('md5').update(archive).digest('base64'),
    workflows: workflows.map((definition) => newWorkflow(definition, digWorkflowType)),
    firstTimes: (schedule) => firstSchedule(schedule, new Date(scheduleFrom)),
  })
  if (pushed === 'revision-exists') throw new Error('That revision exists')
  return pushed
}
