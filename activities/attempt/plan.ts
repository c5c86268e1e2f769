import { attachedTask } from './attached.ts'
import type { Task } from '#store/types.ts'
import type { ParamLayer, PlannedGroup, PlannedTask } from '#workflows/contract.ts'
import { cutIntoBranches, tasksInHistory, type Weighed } from '#workflows/domain/branches.ts'
import type { TaskId } from '#workflows/domain/ids.ts'

/** A task of a plan, and how many tasks its workflow will walk for it. */
interface Weighted {
  readonly task: PlannedTask
  readonly weight: number
}

// P1. A group that is too much for one history is folded into branches; from the leaves up, so that
//     what stays in a plan is never more than one history takes.
// P2. In a branch, siblings outside of it are represented by `blocked` alone: there may be thousands of them.

/**
 * What the engine walks: the tree of some rows, which are those below `parentId`. `failed`, for a
 * branch: the siblings outside of it that did not succeed.
 */
export function planTasks(
  rows: readonly Task[],
  parentId: TaskId | null,
  failed?: ReadonlySet<TaskId>,
): readonly PlannedTask[] {
  const children = Map.groupBy(rows, (row) => row.parentId)
  const own = new Set(rows.map((row) => row.id))

  const plan = (row: Task): Weighted => {
    const below = children.get(row.id) ?? []
    const blocked = failed !== undefined && row.upstreams.some((id) => failed.has(id))
    const base = {
      id: row.id,
      name: row.name,
      upstreams: failed === undefined ? row.upstreams : row.upstreams.filter((id) => own.has(id)),
      ...(blocked ? ({ blocked } as const) : {}),
    }
    if (row.resumed) {
      const left = leftBy(row, children)
      return { task: { ...base, resumed: true, ...(left.length > 0 ? { left } : {}) }, weight: 1 }
    }
    const run = {
      ...base,
      ...(row.retry === null ? {} : { retry: row.retry }),
      ...(Object.keys(row.exports).length === 0 ? {} : ({ hasExports: true } as const)),
      ...(attachedTask(row.config, '_error') ? ({ hasError: true } as const) : {}),
    }
    if (row.operator === null) return group(run, below.map(plan))
    const hasCheck = attachedTask(row.config, '_check') ? ({ hasCheck: true } as const) : {}
    return { task: { ...run, operator: row.operator, ...hasCheck }, weight: 1 }
  }
  return (children.get(parentId) ?? []).map((row) => plan(row).task)
}

function group(
  run: Omit<PlannedGroup, 'children' | 'folded'>,
  below: readonly Weighted[],
): Weighted {
  const weight = below.reduce((sum, child) => sum + child.weight + edges(child.task), 1)
  if (weight <= tasksInHistory) {
    return { task: { ...run, children: below.map(({ task }) => task) }, weight }
  }
  const weighed = below.map(({ task, weight }): Weighed => ({
    id: task.id,
    upstreams: task.upstreams,
    weight,
  }))
  return { task: { ...run, folded: cutIntoBranches(weighed) }, weight: 1 }
}

/** Many upstreams weigh as well: they travel in the plan. */
const edges = ({ upstreams }: PlannedTask): number => Math.floor(upstreams.length / 100)

/** What a task that will not run stored, with everything below it. */
function leftBy(
  row: Task,
  children: ReadonlyMap<TaskId | null, readonly Task[]>,
): readonly ParamLayer[] {
  const own: readonly ParamLayer[] = storedSomething(row) ? [['store', row.id]] : []
  return [...own, ...(children.get(row.id) ?? []).flatMap((child) => leftBy(child, children))]
}

const storedSomething = (row: Task): boolean =>
  Object.keys(row.stored).length > 0 || row.resetParams.length > 0
