import type { Place } from '../problem.ts'

/** Remembers where the mappings of a project stand in its files. */
export interface Places {
  /** `key` is absent for the mapping itself. */
  remember(mapping: object, key: string | undefined, place: Place): void
  find(mapping: object, key?: string): Place | undefined
  /** Lets one mapping's keys be found in another, which was made out of it. */
  carryOver(from: object, to: object): void
}

interface Known {
  self?: Place
  readonly keys: Map<string, Place>
}

export function createPlaces(): Places {
  const known = new WeakMap<object, Known>()
  const of = (mapping: object): Known => {
    let entry = known.get(mapping)
    if (entry === undefined) {
      entry = { keys: new Map() }
      known.set(mapping, entry)
    }
    return entry
  }
  return {
    remember(mapping, key, place) {
      if (key === undefined) of(mapping).self = place
      else of(mapping).keys.set(key, place)
    },
    find(mapping, key) {
      const entry = known.get(mapping)
      return (key === undefined ? undefined : entry?.keys.get(key)) ?? entry?.self
    },
    carryOver(from, to) {
      const source = known.get(from)
      if (source === undefined) return
      const target = of(to)
      if (source.self !== undefined) target.self ??= source.self
      for (const [key, place] of source.keys) target.keys.set(key, place)
    },
  }
}
