import type { OutlinedTask } from '#store/task-outline.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import type { TaskState } from '#workflows/domain/task-state.ts'

export type StateCounts = Partial<Record<TaskState, number>>

/** A task with what is below it, and what that says of it. */
export interface TaskNode extends OutlinedTask {
  readonly children: readonly TaskNode[]
  /** Its own start or, where it has none, as groups do, that of the first below that began. */
  readonly start: number | null
  /** Of the tasks below that have none below themselves. */
  readonly leaves: StateCounts
  /** Of a failed group: the first task below whose own failure counts. */
  readonly failedBy: TaskId | null
  /** It or something below it changed. */
  readonly touched: boolean
}

interface Growing extends OutlinedTask {
  readonly children: Growing[]
  start: number | null
  leaves: StateCounts
  failedBy: TaskId | null
  touched: boolean
}

/** The tasks as a tree, in order of their ids; a task's id is greater than its parent's. */
export function treeOf(tasks: readonly OutlinedTask[]): ReadonlyMap<TaskId, TaskNode> {
  const nodes = new Map<TaskId, Growing>()
  for (const task of tasks) {
    const node = {
      ...task,
      children: [],
      start: task.began,
      leaves: {},
      failedBy: null,
      touched: task.changed,
    }
    nodes.set(task.id, node)
    if (task.parentId !== null) nodes.get(task.parentId)?.children.push(node)
  }
  const culprits = new Map<TaskId, TaskId>()
  // From the leaves up.
  for (const node of [...nodes.values()].reverse()) {
    gather(node)
    const culprit = culpritOf(node, culprits)
    if (culprit === undefined) continue
    culprits.set(node.id, culprit)
    if (node.state === 'group_error') node.failedBy = culprit
  }
  return nodes
}

function gather(node: Growing): void {
  let first: number | null = null
  for (const { start, touched, leaves, state, children } of node.children) {
    if (start !== null && (first === null || start < first)) first = start
    if (touched) node.touched = true
    add(node.leaves, children.length === 0 ? { [state]: 1 } : leaves)
  }
  node.start ??= first
}

function add(sum: StateCounts, counts: StateCounts): void {
  for (const state in counts) {
    const known = state as TaskState
    sum[known] = (sum[known] ?? 0) + (counts[known] ?? 0)
  }
}

/** The first task, in order of ids, whose own failure a task shows: itself, or one below it. */
function culpritOf(node: Growing, culprits: ReadonlyMap<TaskId, TaskId>): TaskId | undefined {
  if (node.state === 'success') return undefined
  if (failedItself(node)) return node.id
  const last = lastRounds(node.children)
  for (const child of node.children) {
    const culprit = culprits.get(child.id)
    // What a group's retry has run again no longer counts.
    if (culprit !== undefined && (last === undefined || last.get(child.name) === child.round))
      return culprit
  }
  return undefined
}

/** As in `failures` of store/tasks.ts; a group may also fail by words of its own. */
const failedItself = ({ state, error }: OutlinedTask): boolean =>
  state === 'error' || (error !== null && (state === 'planned' || state === 'group_error'))

/** The last round of each name; undefined where there is only one round. */
function lastRounds(children: readonly OutlinedTask[]): ReadonlyMap<string, number> | undefined {
  if (children.every(({ round }) => round === 0)) return undefined
  const last = new Map<string, number>()
  for (const { name, round } of children) last.set(name, Math.max(round, last.get(name) ?? 0))
  return last
}

export function countStates(tasks: readonly OutlinedTask[]): StateCounts {
  const counts: StateCounts = {}
  for (const { state } of tasks) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
