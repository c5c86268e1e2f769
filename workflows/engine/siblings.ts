import type { PlannedTask } from '../contract.ts'
import type { TaskId } from '../domain/ids.ts'
import {
  compact,
  createTrails,
  emptyTrail,
  extend,
  joinTrails,
  noLayers,
  type Layers,
  type Trail,
} from './layers.ts'
import { unlessCanceled } from './runtime.ts'
import { worst, type Ended, type Walk } from './walk.ts'

interface Sibling extends Ended {
  readonly trail: Trail
}

// S1. A task starts when all of its upstreams succeeded, in the order written where several may.
// S2. A failure stops only what depends on it; siblings that do not depend on it run to their end.
// S3. The group ends when everything in it that can run has run.
// S4. What waits for a task that a kill has ended never starts: it stays blocked, as after a failure.

/** Runs the children of one group, each as soon as what it waits for succeeded. */
export async function runSiblings(
  walk: Walk,
  children: readonly PlannedTask[],
  parentName: string,
  layers: Layers,
): Promise<Ended> {
  walk.load.add(children.length)
  const left: Layers[] = children.map(() => noLayers)
  const siblings = new Map<TaskId, Promise<Sibling>>()

  const trails = createTrails(left, walk.runtime)

  const runOne = async (
    child: PlannedTask,
    place: number,
    upstreams: readonly Promise<Sibling>[],
  ): Promise<Sibling> => {
    const before = await Promise.all(upstreams)
    if (before.some(({ ending }) => ending === 'canceled')) {
      return { ending: 'canceled', left: noLayers, trail: emptyTrail }
    }
    if (child.blocked || before.some(({ ending }) => ending !== 'success')) {
      return { ending: 'blocked', left: noLayers, trail: emptyTrail }
    }
    const trail = await trails.shorten(joinTrails(before.map((upstream) => upstream.trail)))
    const ended = await walk.run(child, {
      parentName,
      layers: extend(layers, trails.layersOf(trail)),
    })
    left[place] = ended.left
    if (ended.left.length === 0) return { ...ended, trail }
    return { ...ended, trail: { ...trail, places: [...trail.places, place] } }
  }

  for (const [place, child] of children.entries()) {
    const upstreams = child.upstreams.flatMap((id) => siblings.get(id) ?? [])
    const canceled: Sibling = { ending: 'canceled', left: noLayers, trail: emptyTrail }
    siblings.set(
      child.id,
      unlessCanceled(() => runOne(child, place, upstreams), canceled),
    )
  }
  const ended = await Promise.all(siblings.values())
  return {
    ending: worst(ended.map(({ ending }) => ending)),
    left: await compact(left.flat(), walk.runtime),
  }
}
