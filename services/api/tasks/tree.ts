import type { OutlinedTask } from '#store/task-outline.ts'
import type { TaskId } from '#workflows/domain/ids.ts'
import { taskStates, type TaskState } from '#workflows/domain/task-state.ts'

export type StateCounts = Partial<Record<TaskState, number>>

/** A task with what is below it, and what that says of it. */
export interface TaskNode {
  readonly task: OutlinedTask
  readonly children: readonly TaskNode[]
  /** Its own start or, where it has none, as groups do, that of the first below that began. */
  readonly start: number | null
  /** Of the tasks below that have none below themselves. */
  readonly leaves: StateCounts
  /** The first task whose own failure it shows: itself, or one below it. */
  readonly failedBy: TaskId | null
  /** It or something below it changed. */
  readonly touched: boolean
}

type Growing = { -readonly [Key in keyof TaskNode]: TaskNode[Key] } & { children: Growing[] }

/** The tasks as a tree, in order of their ids; a task's id is greater than its parent's. */
export function treeOf(tasks: readonly OutlinedTask[]): ReadonlyMap<TaskId, TaskNode> {
  const nodes = new Map<TaskId, Growing>()
  for (const task of tasks) {
    const { id, parentId, began, changed } = task
    const node = { task, children: [], start: began, leaves: {}, failedBy: null, touched: changed }
    nodes.set(id, node)
    if (parentId !== null) nodes.get(parentId)?.children.push(node)
  }
  // From the leaves up.
  for (const node of [...nodes.values()].reverse()) {
    gather(node)
    node.failedBy = culpritOf(node)
  }
  return nodes
}

function gather(node: Growing): void {
  const { children, leaves } = node
  if (children.length === 0) return
  let first: number | null = null
  for (const child of children) {
    if (child.start !== null && (first === null || child.start < first)) first = child.start
    if (child.touched) node.touched = true
    if (child.children.length === 0) add(leaves, child.task.state, 1)
    else for (const state of taskStates) add(leaves, state, child.leaves[state] ?? 0)
  }
  node.start ??= first
}

function add(counts: StateCounts, state: TaskState, more: number): void {
  if (more > 0) counts[state] = (counts[state] ?? 0) + more
}

function culpritOf({ task, children }: TaskNode): TaskId | null {
  if (task.state === 'success') return null
  if (failedItself(task)) return task.id
  if (children.every(({ failedBy }) => failedBy === null)) return null
  const last = lastRounds(children)
  // What a group's retry has run again no longer counts.
  const counts = ({ name, round }: OutlinedTask): boolean => last.get(name) === round
  return children.find((child) => child.failedBy !== null && counts(child.task))?.failedBy ?? null
}

/** As in `failures` of store/tasks.ts; a group may also fail by words of its own. */
const failedItself = ({ state, error }: OutlinedTask): boolean =>
  state === 'error' || (error !== null && (state === 'planned' || state === 'group_error'))

function lastRounds(children: readonly TaskNode[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>()
  for (const {
    task: { name, round },
  } of children)
    last.set(name, Math.max(round, last.get(name) ?? 0))
  return last
}

export function countStates(nodes: readonly TaskNode[]): StateCounts {
  const counts: StateCounts = {}
  for (const { task } of nodes) add(counts, task.state, 1)
  return counts
}
