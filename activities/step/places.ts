/** Lets at most `most` runs be under way; the others wait in order. */
export interface Places {
  /** Resolves when there is a place; it is to be freed afterwards. */
  take(): Promise<void>
  free(): void
}

export function createPlaces(most: number): Places {
  let left = most
  const waiting: (() => void)[] = []
  return {
    take() {
      if (left === 0) return new Promise((resolve) => waiting.push(resolve))
      left -= 1
      return Promise.resolve()
    },
    free() {
      const next = waiting.shift()
      if (next === undefined) left += 1
      else next()
    },
  }
}
