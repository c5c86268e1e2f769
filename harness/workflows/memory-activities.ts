import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity'
import { createTakeStep } from '#activities/step/take-step.ts'
import { taskFailed, type Activities, type StateChange } from '#workflows/activities.ts'
import type { WorkerActivities } from '#workflows/step.ts'
import type { PlannedTask, WalkedTask } from '#workflows/contract.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'

/** A plan written with names only. */
export interface Sketch {
  readonly name: string
  readonly operator?: string
  readonly parallel?: boolean
  readonly children?: readonly Sketch[]
}

export interface Memory {
  readonly activities: WorkerActivities
  readonly ran: string[]
  readonly changes: StateChange[]
  readonly closed: string[]
}

/** What a task does: by full name; a missing one succeeds at once. */
export type Acts = Readonly<Record<string, (call: number) => Promise<JsonObject> | JsonObject>>

export const fails = (message: string, retryAfterSeconds?: number) => (): never => {
  throw ApplicationFailure.create({
    type: taskFailed,
    message,
    nonRetryable: true,
    details: [retryAfterSeconds === undefined ? {} : { retryAfterSeconds }],
  })
}

/** Runs until it is cancelled, as a long query does. */
export const runsUntilKilled = async (): Promise<JsonObject> => {
  const context = Context.current()
  const beat = setInterval(() => context.heartbeat(), 200)
  try {
    await context.cancelled
  } finally {
    clearInterval(beat)
  }
  throw new CancelledFailure('never reached')
}

/**
 * Activities that keep an attempt in memory: Temporal is real, what the tasks do is scripted. `lateAt`:
 * when its `^sla` is due.
 */
export function createMemory(
  sketch: Sketch,
  acts: Acts = {},
  { lateAt }: { readonly lateAt?: string } = {},
): Memory {
  let lastId = 0
  const names = new Map<TaskId, string>()
  const stored = new Map<TaskId, JsonObject>()
  const ran: string[] = []
  const changes: StateChange[] = []
  const closed: string[] = []

  const add = (task: Sketch, parent: string, upstreams: readonly TaskId[]): WalkedTask => {
    const id = ++lastId as TaskId
    const fullName = parent + task.name
    names.set(id, fullName)
    const children: PlannedTask[] = []
    for (const child of task.children ?? []) {
      const before = task.parallel ? undefined : children.at(-1)
      children.push(add(child, fullName, before === undefined ? [] : [before.id]))
    }
    const base = { id, name: task.name, upstreams }
    return task.operator === undefined
      ? { ...base, children }
      : { ...base, operator: task.operator }
  }
  const root = add(sketch, '', [])

  const activities: Activities = {
    async openAttempt() {
      const sessionTime = '2001-01-05T00:00:00+09:00'
      const workflow = sketch.name.slice(1)
      const late = lateAt === undefined ? {} : { lateAt }
      return { root, project: 'test', workflow, sessionTime, params: {}, ...late }
    },
    async runTask({ taskId, retries, polls }) {
      const fullName = names.get(taskId) ?? '?'
      ran.push(fullName)
      const result = (await acts[fullName]?.(retries + polls)) ?? {}
      if (Object.keys(result).length === 0) return { kind: 'done' }
      stored.set(taskId, result)
      return { kind: 'done', stored: true }
    },
    async addTasks({ parentId, what }) {
      const parent = names.get(parentId) ?? ''
      if (what.kind === 'round') throw new Error('Rounds are not scripted here')
      if (what.kind !== 'task') {
        return [add({ name: `^${what.kind}`, operator: 'echo' }, parent, [])]
      }
      const operator = Object.keys(what.config).find((key) => key.endsWith('>'))
      const task: Sketch = {
        name: what.name,
        ...(operator === undefined ? {} : { operator: operator.slice(0, -1) }),
      }
      return [add(task, parent, what.upstreams)]
    },
    async planBranch() {
      throw new Error('Branches are not scripted here')
    },
    async mergeLayers({ layers }) {
      return layers[0] ?? ['merged', 0]
    },
    async recordStates(input) {
      changes.push(...input.changes)
    },
    async storedParams({ taskId }) {
      return stored.get(taskId) ?? {}
    },
    async closeAttempt({ state }) {
      closed.push(state)
      return { state }
    },
    async attemptEnd() {
      return null
    },
    async openScheduledSession() {
      return null
    },
  }
  const takeStep = createTakeStep(activities)
  return { activities: { ...activities, takeStep, default: takeStep }, ran, changes, closed }
}
