import type { BranchEnd } from '../contract.ts'
import type { Branch } from '../domain/branches.ts'
import type { TaskId } from '../domain/ids.ts'
import { compact, extend, noLayers, type Layers } from './layers.ts'
import { unlessCanceled } from './runtime.ts'
import { worst, type Ended, type Walk } from './walk.ts'

interface Group {
  readonly parentId: TaskId
  readonly parentName: string
  readonly round: number
  readonly branches: readonly Branch[]
}

/** What a branch hands to those after it. */
interface Passed {
  readonly ending: BranchEnd['ending']
  /** What came before the branch and what it left. */
  readonly left: Layers
}

// B1. A branch starts when those that its tasks wait for have ended, however they ended: which of its
//     tasks stay blocked then, its own plan says.
// B2. A branch sees what all branches before it left, also those that those waited for.

/** Runs the children of a large group branch by branch. */
export async function runBranches(walk: Walk, group: Group, layers: Layers): Promise<Ended> {
  const { parentId, parentName, round, branches } = group
  const running: Promise<Passed>[] = []

  const run = async ({ from, count, after, chained }: Branch): Promise<Passed> => {
    const before = await Promise.all(after.flatMap((place) => running[place] ?? []))
    if (before.some(({ ending }) => ending === 'canceled')) {
      return { ending: 'canceled', left: noLayers }
    }
    if (chained && before.some(({ ending }) => ending === 'failed')) {
      return { ending: 'failed', left: noLayers }
    }
    const inherited = await compact(joined(before), walk.runtime)
    const end = await walk.runtime.runBranch({
      parentId,
      parentName,
      round,
      from,
      count,
      layers: extend(layers, inherited),
    })
    walk.track.failedElsewhere(end)
    return { ending: end.ending, left: await compact(extend(inherited, end.left), walk.runtime) }
  }

  const canceled: Passed = { ending: 'canceled', left: noLayers }
  for (const branch of branches) running.push(unlessCanceled(() => run(branch), canceled))
  const ends = await Promise.all(running)
  const ending = worst(ends.map((end) => end.ending))
  if (ending !== 'success') return { ending, left: noLayers }
  return { ending, left: await compact(joined(ends), walk.runtime) }
}

/** What a branch's own workflow answers. */
export function branchEnd({ track }: Walk, { ending, left }: Ended): BranchEnd {
  const { firstFailure: failure, final } = track
  return {
    ending: worst([ending]),
    left,
    ...(failure === undefined ? {} : { failure }),
    ...(final.length === 0 ? {} : { final }),
  }
}

/** What several branches left, each layer once. */
function joined(ends: readonly Passed[]): Layers {
  const [first, ...others] = ends
  if (first === undefined) return noLayers
  if (others.length === 0) return first.left
  const layers = new Map(ends.flatMap(({ left }) => left.map((layer) => [layer.join(' '), layer])))
  return [...layers.values()]
}
