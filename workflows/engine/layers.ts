import { mostLayers, type ParamLayer } from '../contract.ts'
import type { Runtime } from './runtime.ts'

/**
 * Which layers of parameters a task sees, weakest first (docs/language.md#precedence-of-parameters): on the way from the root to
 * the task, at each ancestor its exports and stored parameters, then what the tasks before it stored.
 *
 * Layers are shared, never copied, while nobody stores anything, so the cost of a task does not grow
 * with the number of tasks before it.
 */
export type Layers = readonly ParamLayer[]

export const noLayers: Layers = []

export const extend = (layers: Layers, more: Layers): Layers => {
  if (more.length === 0) return layers
  return layers.length === 0 ? more : [...layers, ...more]
}

/** Keeps a list of layers short. */
export async function compact(layers: Layers, runtime: Runtime): Promise<Layers> {
  return layers.length <= mostLayers ? layers : [await runtime.mergeLayers(layers)]
}

/** What the siblings before a task left, by their places (in written order) in the group. */
export interface Trail {
  /** What came of the first ones. */
  readonly merged?: MergedPlaces
  /** Places of the siblings after those that stored something. */
  readonly places: readonly number[]
}

/** Several siblings' layers in one, and whose they are. */
interface MergedPlaces {
  readonly layer: ParamLayer
  readonly places: readonly number[]
}

export const emptyTrail: Trail = { places: [] }

const isEmpty = (trail: Trail): boolean => trail.places.length === 0 && trail.merged === undefined

const allPlaces = ({ merged, places }: Trail): readonly number[] => [
  ...(merged?.places ?? []),
  ...places,
]

const inOrder = (places: Iterable<number>): readonly number[] =>
  [...new Set(places)].sort((a, b) => a - b)

/**
 * The trail of a task that waits for several: all of theirs, each once, in written order. What was
 * merged for one of them serves only where nothing of another belongs in between.
 */
export function joinTrails(trails: readonly Trail[]): Trail {
  const [first, ...others] = trails.filter((trail) => !isEmpty(trail))
  if (first === undefined) return emptyTrail
  if (others.every((trail) => trail === first)) return first
  const all = [first, ...others]
  const { merged } = first
  if (all.every((trail) => trail.merged === merged)) {
    const places = inOrder(all.flatMap((trail) => trail.places))
    return merged === undefined ? { places } : { merged, places }
  }
  return { places: inOrder(all.flatMap(allPlaces)) }
}

/** Siblings' layers by their places, and what long trails of them were merged to. */
export interface Trails {
  layersOf(trail: Trail): Layers
  /** The same trail in few layers; merged once for all the tasks that wait for the same siblings. */
  shorten(trail: Trail): Promise<Trail>
}

export function createTrails(left: readonly Layers[], runtime: Runtime): Trails {
  const merging = new Map<string, Promise<Trail>>()

  const layersOf = ({ merged, places }: Trail): Layers => [
    ...(merged === undefined ? [] : [merged.layer]),
    ...places.flatMap((place) => left[place] ?? []),
  ]
  const mergeAll = async (trail: Trail, layers: Layers): Promise<Trail> => {
    const layer = await runtime.mergeLayers(layers)
    return { merged: { layer, places: allPlaces(trail) }, places: [] }
  }
  return {
    layersOf,
    async shorten(trail) {
      const layers = layersOf(trail)
      if (layers.length <= mostLayers) return trail
      const key = JSON.stringify(layers)
      const merged = merging.get(key) ?? mergeAll(trail, layers)
      merging.set(key, merged)
      return merged
    },
  }
}
