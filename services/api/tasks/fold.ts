import type { TaskId } from '#workflows/domain/ids.ts'
import type { TaskState } from '#workflows/domain/task-state.ts'
import type { TaskNode } from './tree.ts'

/** A group with more children than this shows some of them only. */
export const mostChildren = 100
/** The first of a folded group, however they stand. */
const firstShown = 10
/** And no more of those that matter than this. */
const mostMattering = 50

/** What is looked at first; the others only count. */
const weight: Partial<Record<TaskState, number>> = {
  error: 0,
  group_error: 0,
  running: 1,
  retry_waiting: 1,
  group_retry_waiting: 1,
  planned: 2,
  canceled: 3,
}

export interface Shown {
  /** In order of their ids. */
  readonly tasks: readonly TaskNode[]
  /** Groups of which some children are not among them. */
  readonly folded: readonly TaskId[]
}

/** Some tasks with what is below them, large groups folded. */
export function unfold(roots: readonly TaskNode[], fold: boolean): Shown {
  const tasks: TaskNode[] = []
  const folded: TaskId[] = []
  const waiting = [...roots]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    tasks.push(node)
    const { children } = node
    const folds = fold && children.length > mostChildren
    if (folds) folded.push(node.task.id)
    for (const child of folds ? mattering(children) : children) waiting.push(child)
  }
  return {
    tasks: tasks.sort((one, other) => one.task.id - other.task.id),
    folded: folded.sort((one, other) => one - other),
  }
}

/** In a page, where nothing is said. */
const pageSize = 100

/** Children of a group, `after` one of them, with what is below them; large groups among that are folded. */
export function pageBelow(
  { children }: TaskNode,
  after: number = 0,
  count: number = pageSize,
): Shown & { readonly next: TaskId | null } {
  const rest = children.filter(({ task }) => task.id > after)
  const page = rest.slice(0, count)
  const next = rest.length > count ? (page.at(-1)?.task.id ?? null) : null
  return { ...unfold(page, true), next }
}

function mattering(children: readonly TaskNode[]): readonly TaskNode[] {
  const others = children
    .slice(firstShown)
    .filter(({ task }) => weight[task.state] !== undefined)
    // Sorting is stable: of the same weight the first ones.
    .sort((one, other) => weight[one.task.state]! - weight[other.task.state]!)
  return [...children.slice(0, firstShown), ...others.slice(0, mostMattering)]
}
