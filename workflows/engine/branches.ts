import type { BranchEnd, FoldedChildren } from '../contract.ts'
import type { TaskId } from '../domain/ids.ts'
import { compact, extend, noLayers, type Layers } from './layers.ts'
import { worst, type Ended, type Walk } from './walk.ts'

/**
 * Tasks in one branch. A branch is a workflow of its own: its history stays far below Temporal's
 * limits, and the group's own history grows by a few events for each branch only.
 */
export const branchSize = 200

interface Folded {
  readonly parentId: TaskId
  readonly parentName: string
  readonly round: number
  readonly children: FoldedChildren
}

/** Runs the children of a large group, branch by branch: all at once, or one after the other. */
export async function runBranches(walk: Walk, group: Folded, layers: Layers): Promise<Ended> {
  const { parentId, parentName, round, children } = group
  const run = async (from: number, inherited: Layers): Promise<BranchEnd> => {
    const count = Math.min(branchSize, children.count - from)
    const end = await walk.runtime.runBranch({
      parentId,
      parentName,
      round,
      from,
      count,
      layers: inherited,
    })
    if (end.failure !== undefined) walk.track.failure(end.failure)
    return end
  }
  const starts = Array.from(
    { length: Math.ceil(children.count / branchSize) },
    (_, index) => index * branchSize,
  )
  if (children.order === 'parallel') {
    const ends = await Promise.all(starts.map((from) => run(from, layers)))
    return {
      ending: worst(ends.map(({ ending }) => ending)),
      left: await compact(
        ends.flatMap(({ left }) => left),
        walk.runtime,
      ),
    }
  }
  let left = noLayers
  for (const from of starts) {
    const end = await run(from, extend(layers, left))
    if (end.ending !== 'success') return { ending: end.ending, left: noLayers }
    left = await compact(extend(left, end.left), walk.runtime)
  }
  return { ending: 'success', left }
}
