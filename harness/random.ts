/** Random choices that a seed repeats (mulberry32). */
export interface Random {
  readonly seed: number
  /** From 0 up to, but not, 1. */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number
  pick<Item>(items: readonly Item[]): Item
  chance(probability: number): boolean
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    seed,
    next,
    whole,
    pick: (items) => items[whole(0, items.length - 1)]!,
    chance: (probability) => next() < probability,
  }
}

/** The seed of `SUIRO_CHAOS_SEED`, or a new one. */
export const chosenSeed = (): number =>
  Number(process.env['SUIRO_CHAOS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** How many runs `SUIRO_CHAOS_RUNS` asks for. */
export const chosenRuns = (otherwise: number): number =>
  Number(process.env['SUIRO_CHAOS_RUNS'] ?? otherwise)
