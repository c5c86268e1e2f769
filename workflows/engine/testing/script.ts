import type { AddTasksInput, RunTaskInput, TaskOutcome } from '../../activities.ts'
import type {
  ParamLayer,
  FoldedGroup,
  PlannedGroup,
  PlannedTask,
  WalkedTask,
  WholeGroup,
} from '../../contract.ts'
import { cutIntoBranches } from '../../domain/branches.ts'
import type { TaskId } from '../../domain/ids.ts'
import type { RetryRule } from '../../domain/retry.ts'
import type { TaskState } from '../../domain/task-state.ts'
import { branchEnd } from '../branches.ts'
import { createWalk, runTree, type TreeEnd } from '../run-tree.ts'
import { runSiblings } from '../siblings.ts'
import { CanceledError, TaskFailedError, type Runtime } from '../runtime.ts'

/** What a task, or a branch, does each time it is called. */
export interface Act {
  readonly fails?: string
  /** Fails only so many times. */
  readonly times?: number
  readonly retryAfterSeconds?: number
  readonly final?: true
  /** Asks to be called again after each of these. */
  readonly polls?: readonly number[]
  readonly stores?: true
  readonly generates?: readonly string[]
  readonly killed?: true
}

let lastId = 0
const newId = (): TaskId => ++lastId as TaskId

interface PlanOptions {
  readonly parallel?: boolean
  readonly retry?: RetryRule
  readonly exports?: true
  readonly errorOn?: string
  readonly checkOn?: string
}

/** A group of echo tasks and other groups. */
export function plan(
  name: string,
  children: readonly (string | PlannedTask)[],
  options: PlanOptions = {},
): WholeGroup {
  const planned: PlannedTask[] = []
  for (const child of children) {
    const before = planned.at(-1)
    const upstreams = options.parallel || before === undefined ? [] : [before.id]
    planned.push(
      typeof child === 'string'
        ? {
            id: newId(),
            name: child,
            operator: 'echo',
            upstreams,
            ...(options.errorOn === child ? { hasError: true as const } : {}),
            ...(options.checkOn === child ? { hasCheck: true as const } : {}),
          }
        : { ...child, upstreams },
    )
  }
  return {
    id: newId(),
    name,
    upstreams: [],
    children: planned,
    ...(options.retry === undefined ? {} : { retry: options.retry }),
    ...(options.exports ? ({ hasExports: true } as const) : {}),
  }
}

const foldedTasks = new Map<TaskId, readonly PlannedTask[]>()

/** The same group with its children planned branch by branch, each of so many tasks. */
export function fold(group: WholeGroup, weight = 1): FoldedGroup {
  const { children, folded: _, ...rest } = group
  const folded = cutIntoBranches(children.map((child) => ({ ...child, weight })))
  const task: FoldedGroup = { ...rest, folded }
  foldedTasks.set(task.id, children)
  return task
}

const isGroup = (task: PlannedTask): task is PlannedGroup =>
  task.operator === undefined && !task.resumed

/** A copy with new ids, upstreams following. */
function copy(tasks: readonly PlannedTask[]): readonly PlannedTask[] {
  const ids = new Map(tasks.map((task) => [task.id, newId()]))
  return tasks.map((task) => {
    const moved = { id: ids.get(task.id)!, upstreams: task.upstreams.map((id) => ids.get(id)!) }
    return task.children === undefined
      ? { ...task, ...moved }
      : { ...task, ...moved, children: copy(task.children) }
  })
}

export interface Played {
  readonly end: TreeEnd
  /** Full names in the order in which operators were called. */
  readonly ran: readonly string[]
  readonly calls: readonly Omit<RunTaskInput, 'attemptId'>[]
  readonly slept: readonly number[]
  /** The last state recorded by the walk, by full name. */
  readonly states: Readonly<Record<string, TaskState>>
  /** `<group> <from> <count>` of each branch. */
  readonly branches: readonly string[]
  readonly merges: readonly (readonly ParamLayer[])[]
  readonly layersOf: (fullName: string) => readonly string[]
}

/**
 * Walks a plan with scripted operators. `lateWith`: the task that runs when the attempt gets late;
 * `refuses`: tasks of this kind cannot be added.
 */
export async function play(
  root: WalkedTask,
  script: Readonly<Record<string, Act>> = {},
  options: {
    readonly lateWith?: string
    readonly refuses?: AddTasksInput['what']['kind']
  } = {},
): Promise<Played> {
  const alarm = Promise.withResolvers<boolean>()
  const names = new Map<TaskId, string>()
  const groups = new Map<TaskId, PlannedTask>()
  const name = (task: PlannedTask, parent: string): void => {
    names.set(task.id, parent + task.name)
    groups.set(task.id, task)
    for (const child of task.children ?? []) name(child, parent + task.name)
  }
  name(root, '')

  const ran: string[] = []
  const calls: Omit<RunTaskInput, 'attemptId'>[] = []
  const slept: number[] = []
  const states: Record<string, TaskState> = {}
  const layersByName = new Map<string, readonly string[]>()
  const failures = new Map<string, number>()
  const branches: string[] = []
  const merges: (readonly ParamLayer[])[] = []
  const rounds = new Map<string, readonly PlannedTask[]>()
  const succeeded = new Set<TaskId>()

  const runtime: Runtime = {
    async runTask({ fullName }, input): Promise<TaskOutcome> {
      await Promise.resolve()
      ran.push(fullName)
      calls.push(input)
      layersByName.set(
        fullName,
        input.layers.map(([kind, id]) =>
          kind === 'merged' ? `merged ${id}` : `${kind} ${names.get(id) ?? '?'}`,
        ),
      )
      const act = script[fullName] ?? {}
      if (fullName === options.lateWith) {
        alarm.resolve(true)
        // The others go on meanwhile.
        for (let turns = 0; turns < 20; turns += 1) await Promise.resolve()
      }
      if (act.killed) throw new CanceledError()
      const failed = failures.get(fullName) ?? 0
      if (act.fails !== undefined && failed < (act.times ?? Infinity)) {
        failures.set(fullName, failed + 1)
        throw new TaskFailedError(act.fails, act)
      }
      const wait = act.polls?.[input.polls]
      if (wait !== undefined) return { kind: 'again', afterSeconds: wait }
      const sub = act.generates === undefined ? undefined : plan('^sub', act.generates)
      if (sub !== undefined) name(sub, fullName)
      succeeded.add(input.taskId)
      return {
        kind: 'done',
        ...(act.stores ? { stored: true } : {}),
        ...(sub === undefined ? {} : { subtasks: sub }),
      }
    },
    async addTasks({ parentId, what }: Omit<AddTasksInput, 'attemptId'>) {
      await Promise.resolve()
      if (what.kind === options.refuses) throw new TaskFailedError(`No tasks for ${what.kind}`)
      const parent = names.get(parentId) ?? ''
      const group = groups.get(parentId)
      if (what.kind === 'round' && group !== undefined && isGroup(group)) {
        const { folded, children, ...rest } = group
        const again: WholeGroup = {
          ...rest,
          children: copy(children ?? foldedTasks.get(parentId) ?? []),
        }
        for (const task of again.children) name(task, parent)
        rounds.set(`${parentId} ${what.round}`, again.children)
        return [folded === undefined ? again : fold(again)]
      }
      const added = [{ id: newId(), name: `^${what.kind}`, operator: 'echo', upstreams: [] }]
      for (const task of added) name(task, parent)
      return added
    },
    async runBranch({ parentId, parentName, round, from, count, layers }) {
      const branch = `${parentName} ${from} ${count}`
      branches.push(branch)
      if (script[branch]?.killed) throw new CanceledError()
      const group = groups.get(parentId)!
      const all = rounds.get(`${parentId} ${round}`) ?? foldedTasks.get(parentId) ?? group.children!
      const own = all.slice(from, from + count)
      const here = new Set(own.map(({ id }) => id))
      const children = own.map((task): PlannedTask => {
        const outside = task.upstreams.filter((id) => !here.has(id))
        const blocked = outside.some((id) => !succeeded.has(id))
        const upstreams = task.upstreams.filter((id) => here.has(id))
        return { ...task, upstreams, ...(blocked ? { blocked } : {}) }
      })
      for (const task of children) name(task, parentName)
      const walk = createWalk(runtime)
      return branchEnd(walk, await runSiblings(walk, children, parentName, layers))
    },
    async mergeLayers(layers) {
      merges.push(layers)
      return ['merged', merges.length]
    },
    record: ({ taskId, state }) => {
      if (state === 'success') succeeded.add(taskId)
      else succeeded.delete(taskId)
      states[names.get(taskId)!] = state
    },
    sleep: async (seconds) => {
      slept.push(seconds)
    },
    alarm: () => ({ rang: alarm.promise, stop: () => alarm.resolve(false) }),
    report: () => undefined,
    now: () => 0,
  }

  const end = await runTree(root, runtime, options.lateWith === undefined ? undefined : 0)
  return {
    end,
    ran,
    calls,
    slept,
    states,
    branches,
    merges,
    layersOf: (full) => layersByName.get(full) ?? [],
  }
}
