/** Lets at most `limit` runs be under way; the others wait in order. */
export type Slots = <Result>(run: () => Promise<Result>) => Promise<Result>

export function createSlots(limit: number): Slots {
  let free = limit
  const waiting: (() => void)[] = []
  return async (run) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}
