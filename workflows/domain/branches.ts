import type { TaskId } from './ids.ts'

/**
 * Tasks that one workflow's history is to hold: a task costs it up to six events, and Temporal wants
 * to see no more than some 4,000. What goes beyond runs in branches, each a workflow of its own.
 */
export const tasksInHistory = 400

/** Children in one branch at most, however light. */
const childrenInBranch = 200

/** Some of a group's children, which run in one workflow. */
export interface Branch {
  /** Place of the first one among the children. */
  readonly from: number
  readonly count: number
  /** Places of the branches that must have ended before. */
  readonly after: readonly number[]
  /** Each of its tasks waits for the one before it, so after a failure none of them can run. */
  readonly chained?: true
}

/** A child of a group, as far as cutting the group into branches goes. */
export interface Weighed {
  readonly id: TaskId
  readonly upstreams: readonly TaskId[]
  /** Tasks that its workflow will walk for it: itself and what is planned below it. */
  readonly weight: number
}

/** Cuts a group's children into branches, in their written order. */
export function cutIntoBranches(children: readonly Weighed[]): readonly Branch[] {
  const branchOf = new Map<TaskId, number>()
  const branches: {
    from: number
    count: number
    weight: number
    after: Set<number>
    chained: boolean
  }[] = []
  let chained = true
  for (const [place, child] of children.entries()) {
    const [upstream, ...more] = child.upstreams
    chained &&= more.length === 0 && upstream === children[place - 1]?.id
    const upstreams = new Set(child.upstreams.flatMap((id) => branchOf.get(id) ?? []))
    let last = branches.at(-1)
    if (last === undefined || isFull(last, child) || wouldWait(last, upstreams, branches.length)) {
      last = { from: place, count: 0, weight: 0, after: new Set(), chained }
      branches.push(last)
    }
    last.count += 1
    last.weight += child.weight
    last.chained = chained
    const at = branches.length - 1
    for (const before of upstreams) if (before !== at) last.after.add(before)
    branchOf.set(child.id, at)
  }
  return branches.map(({ from, count, after, chained }) => ({
    from,
    count,
    after: [...after],
    ...(chained ? { chained } : {}),
  }))
}

const isFull = (
  branch: { readonly count: number; readonly weight: number },
  child: Weighed,
): boolean =>
  branch.count >= childrenInBranch ||
  (branch.count > 0 && branch.weight + child.weight > tasksInHistory)

/** Whether taking in a child would make those that are in the branch wait for more than they need. */
const wouldWait = (
  branch: { readonly after: ReadonlySet<number> },
  upstreams: ReadonlySet<number>,
  count: number,
): boolean => [...upstreams].some((before) => before !== count - 1 && !branch.after.has(before))
