import type { ScheduleDefinition, WorkflowDefinition } from '#workflows/dig/definition.ts'
import type { AttemptId, WorkflowId } from '#workflows/domain/ids.ts'
import type { NewAttempt } from './accept-attempt.ts'
import type { Store } from './index.ts'
import { newWorkflow } from './new-workflow.ts'
import type { NewRevision, Pushed } from './push.ts'
import type { NewTask, Schedule, Workflow } from './types.ts'

/** What the store's tests push, start and insert. */

export const daily: ScheduleDefinition = {
  type: 'daily',
  command: '05:00:00',
  timezone: 'Asia/Tokyo',
  delaySeconds: 0,
  skipOnOvertime: false,
}

export function definition(name: string, schedule?: ScheduleDefinition): WorkflowDefinition {
  const config = { '+b': { 'echo>': 'x' }, '+a': { 'echo>': 'y' } }
  const root = { name: `+${name}`, config: {}, exports: {}, upstreams: [], children: [] }
  return { name, timezone: 'Asia/Tokyo', config, root, ...(schedule ? { schedule } : {}) }
}

/** The day after the last session, or the second of January 2001 (in Tokyo). */
const firstTimes: NewRevision['firstTimes'] = (_, standing) => {
  const last = standing?.lastSessionTime ?? null
  const sessionTime = new Date(last === null ? '2001-01-01T15:00:00Z' : last.getTime() + 86_400_000)
  return { sessionTime, runTime: new Date(sessionTime.getTime() + 5 * 3_600_000) }
}

export const revision = (
  project: string,
  name: string,
  workflows: readonly WorkflowDefinition[],
): NewRevision => ({
  project,
  revision: name,
  archive: Buffer.from(name),
  archiveMd5: 'md5',
  workflows: workflows.map((one) => newWorkflow(one, 'runAttempt')),
  firstTimes,
})

export async function push(
  { projects, schedules }: Store,
  project: string,
  name: string,
  ...workflows: readonly WorkflowDefinition[]
): Promise<Pushed & { readonly schedules: readonly Schedule[] }> {
  const pushed = await projects.push(revision(project, name, workflows))
  if (pushed === 'revision-exists') throw new Error('the revision exists')
  const listed = await schedules.list({ projectId: pushed.project.id, count: 100 })
  return { ...pushed, schedules: listed }
}

export async function pushOne(store: Store, project: string): Promise<Workflow> {
  const { workflows } = await push(store, project, 'r1', definition('daily'))
  return (await store.workflows.find(workflows[0]!.id))!
}

/** Starts the workflow's session of that day of January 2001. */
export const start = (
  { attempts }: Store,
  workflowId: WorkflowId,
  day: number,
  more: Partial<NewAttempt> = {},
): ReturnType<Store['attempts']['start']> =>
  attempts.start({
    workflowId,
    sessionTime: new Date(Date.UTC(2001, 0, day)),
    params: {},
    actor: { kind: 'user' },
    reason: 'start',
    ...more,
  })

export async function newAttempt(store: Store, project: string): Promise<AttemptId> {
  const { id } = await pushOne(store, project)
  return (await start(store, id, 5)).attempt.id
}

export const task = (name: string, more: Partial<NewTask> = {}): NewTask => ({
  name,
  operator: 'echo',
  config: {},
  exports: {},
  upstreams: [],
  children: [],
  ...more,
})
