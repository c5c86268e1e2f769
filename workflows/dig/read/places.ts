import type { Place } from '../problem.ts'

/** Where something is in a file; its line is looked up only when it is reported. */
export interface Spot {
  readonly placeAt: (offset: number) => Place
  readonly offset: number
}

/** Remembers where the mappings of a project are in its files. */
export interface Places {
  /** The mapping itself, and each of its keys. */
  remember(mapping: object, self: Spot, keys: Iterable<readonly [string, Spot]>): void
  find(mapping: object, key?: string): Place | undefined
  /** Lets one mapping's keys be found in another, which was made out of it. */
  carryOver(from: object, to: object): void
}

interface Known {
  self?: Spot
  readonly keys: Map<string, Spot>
}

export function createPlaces(): Places {
  const known = new Map<object, Known>()
  const of = (mapping: object): Known => {
    let entry = known.get(mapping)
    if (entry === undefined) {
      entry = { keys: new Map() }
      known.set(mapping, entry)
    }
    return entry
  }
  return {
    remember(mapping, self, keys) {
      const entry = of(mapping)
      entry.self = self
      for (const [key, spot] of keys) entry.keys.set(key, spot)
    },
    find(mapping, key) {
      const entry = known.get(mapping)
      const spot = (key === undefined ? undefined : entry?.keys.get(key)) ?? entry?.self
      return spot?.placeAt(spot.offset)
    },
    carryOver(from, to) {
      const source = known.get(from)
      if (source === undefined) return
      const target = of(to)
      if (source.self !== undefined) target.self ??= source.self
      for (const [key, spot] of source.keys) target.keys.set(key, spot)
    },
  }
}
