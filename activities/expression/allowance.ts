/** How long the next expression of an owner may take. */
export interface Allowance {
  of(owner: unknown): number
  /** One of the owner's expressions had to be ended. */
  reduce(owner: unknown): void
}

/** Every honest expression is far below this: it is time of the processor, not of the clock. */
const leastMilliseconds = 20

/** Owners to remember; the one that was ended the longest ago is forgotten first. */
const mostOwners = 1_000

/**
 * Halves an owner's time with each expression that had to be ended, so that an attempt with thousands
 * of endless expressions is through with them in seconds, not in hours.
 */
export function createAllowance(milliseconds: number): Allowance {
  const reduced = new Map<unknown, number>()
  const of = (owner: unknown): number => reduced.get(owner) ?? milliseconds
  return {
    of,
    reduce(owner) {
      const next = Math.max(of(owner) / 2, Math.min(leastMilliseconds, milliseconds))
      reduced.delete(owner)
      reduced.set(owner, next)
      const [oldest] = reduced.keys()
      if (reduced.size > mostOwners) reduced.delete(oldest)
    },
  }
}
