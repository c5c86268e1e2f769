import type { ParamLayer } from '../contract.ts'
import type { Runtime } from './runtime.ts'

/**
 * Which layers of parameters a task sees, weakest first (DIGDAG-SPEC 2.5): on the way from the root to
 * the task, at each ancestor its exports and stored parameters, then what the tasks before it stored.
 *
 * Layers are shared, never copied, while nobody stores anything, so the cost of a task does not grow
 * with the number of tasks before it.
 */
export type Layers = readonly ParamLayer[]

export const noLayers: Layers = []

/** More layers than this are merged into one before they are handed on. */
const mostLayers = 64

export const extend = (layers: Layers, more: Layers): Layers => {
  if (more.length === 0) return layers
  return layers.length === 0 ? more : [...layers, ...more]
}

/** Keeps a list of layers short. */
export async function compact(layers: Layers, runtime: Runtime): Promise<Layers> {
  return layers.length <= mostLayers ? layers : [await runtime.mergeLayers(layers)]
}

/** What the siblings before a task left, by their places in the group. */
export interface Trail {
  /** What came of the first ones, merged. */
  readonly merged: Layers
  /** Places (in written order) of the siblings after those that stored something. */
  readonly places: readonly number[]
}

export const emptyTrail: Trail = { merged: noLayers, places: [] }

const isEmpty = (trail: Trail): boolean => trail.places.length === 0 && trail.merged.length === 0

/** The trail of a task that waits for several: all of theirs, each once, in written order. */
export function joinTrails(trails: readonly Trail[]): Trail {
  const [first, ...others] = trails.filter((trail) => !isEmpty(trail))
  if (first === undefined) return emptyTrail
  if (others.every((trail) => trail === first)) return first
  const all = [first, ...others]
  const merged = new Map(all.flatMap((trail) => trail.merged.map((layer) => [layer[1], layer])))
  const places = new Set(all.flatMap((trail) => trail.places))
  return { merged: [...merged.values()], places: [...places].sort((a, b) => a - b) }
}
