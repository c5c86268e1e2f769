import type { Task } from '#store/types.ts'
import type { FoldedChildren, PlannedTask } from '#workflows/contract.ts'
import type { TaskId } from '#workflows/domain/ids.ts'

/** Tasks of one plan: as many as travel well in one payload and fit one workflow's history. */
const mostPlanned = 1_000

/** So many children fold a group: tried from the first on until the plan is small enough. */
const foldingSizes = [500, 200, 100, 50, 20] as const

/** So many children are always folded, and never planned at once. */
export const alwaysFolded = foldingSizes[0]

/** What the engine walks: the tree of some rows, which are those below `parentId`. */
export function planTasks(rows: readonly Task[], parentId: TaskId | null): readonly PlannedTask[] {
  const children = Map.groupBy(rows, (row) => row.parentId)
  let planned: readonly PlannedTask[] = []
  for (const size of foldingSizes) {
    planned = (children.get(parentId) ?? []).map((row) => planTask(row, children, size))
    if (count(planned) <= mostPlanned) break
  }
  return planned
}

type Children = ReadonlyMap<TaskId | null, readonly Task[]>

function planTask(row: Task, children: Children, foldFrom: number): PlannedTask {
  const below = children.get(row.id) ?? []
  return {
    id: row.id,
    name: row.name,
    ...(row.operator === null ? {} : { operator: row.operator }),
    upstreams: row.upstreams,
    ...(row.retry === null ? {} : { retry: row.retry }),
    ...(Object.keys(row.exports).length === 0 ? {} : { hasExports: true }),
    ...(hasStored(row) ? { hasStored: true } : {}),
    ...('_check' in row.config && row.operator !== null ? { hasCheck: true } : {}),
    ...('_error' in row.config ? { hasError: true } : {}),
    ...(row.resumed ? { resumed: true } : {}),
    ...planChildren(row, below, children, foldFrom),
  }
}

function planChildren(
  row: Task,
  below: readonly Task[],
  children: Children,
  foldFrom: number,
): Pick<PlannedTask, 'children' | 'folded'> {
  if (row.resumed) {
    // Of a task that will not run, only what it left matters.
    const left = below.map((child) => planTask(child, children, foldFrom)).filter(leftSomething)
    return left.length === 0 ? {} : { children: left }
  }
  if (below.length >= foldFrom) return { folded: { count: below.length, order: orderOf(below) } }
  if (row.operator !== null) return {}
  return { children: below.map((child) => planTask(child, children, foldFrom)) }
}

const leftSomething = (task: PlannedTask): boolean =>
  task.hasStored === true || (task.children?.some(leftSomething) ?? false)

const hasStored = (row: Task): boolean =>
  Object.keys(row.stored).length > 0 || row.resetParams.length > 0

const orderOf = (tasks: readonly Task[]): FoldedChildren['order'] =>
  tasks.every((task) => task.upstreams.length === 0) ? 'parallel' : 'sequence'

const count = (tasks: readonly PlannedTask[]): number =>
  tasks.reduce((sum, task) => sum + 1 + count(task.children ?? []), 0)
