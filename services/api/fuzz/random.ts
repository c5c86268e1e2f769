/** Random choices that a seed makes the same again (mulberry32). */
export interface Random {
  readonly below: (limit: number) => number
  readonly pick: <Value>(values: readonly Value[]) => Value
}

export function createRandom(seed: number): Random {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    pick: (values) => {
      if (values.length === 0) throw new Error('There is nothing to pick from')
      return values[below(values.length)] as (typeof values)[number]
    },
  }
}
