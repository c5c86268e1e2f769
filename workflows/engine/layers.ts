import type { ParamLayer } from '../contract.ts'

/**
 * Which layers of parameters a task sees, weakest first (DIGDAG-SPEC 2.5): on the way from the root to
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

/** What each finished sibling leaves to those after it, by its place in the group. */
export interface Trail {
  /** Places (in written order) of the siblings that stored something. */
  readonly places: readonly number[]
}

export const emptyTrail: Trail = { places: [] }

/** The trail of a task that waits for several: all of theirs, each once, in written order. */
export function joinTrails(trails: readonly Trail[]): Trail {
  const [first] = trails
  if (first === undefined) return emptyTrail
  if (trails.every((trail) => trail === first || trail.places.length === 0)) return first
  const places = new Set(trails.flatMap((trail) => trail.places))
  return { places: [...places].sort((a, b) => a - b) }
}

export const follow = (trail: Trail, place: number): Trail => ({
  places: [...trail.places, place],
})
