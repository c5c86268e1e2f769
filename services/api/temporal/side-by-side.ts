/** Runs a job when it has a place, and gives the place on when it has ended. */
export type Places = <Result>(job: () => Promise<Result>) => Promise<Result>

/** So many jobs at a time, whoever brings them; who waits longest comes first. */
export function createPlaces(most: number): Places {
  const waiting: (() => void)[] = []
  let free = most
  return async (job) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await job()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/**
 * Runs all jobs, so many at a time. What one of them fails of, others may not; where as many in a row fail as
 * run at a time, no further one is begun. The first failure is thrown once all under way have ended.
 */
export async function eachOf<Job>(
  jobs: readonly Job[],
  most: number,
  run: (job: Job) => Promise<void>,
): Promise<void> {
  const left = jobs[Symbol.iterator]()
  let first: { readonly error: unknown } | undefined
  let inARow = 0
  const walk = async (): Promise<void> => {
    for (const job of left) {
      try {
        await run(job)
        inARow = 0
      } catch (error) {
        first ??= { error }
        inARow += 1
      }
      // Such as for want of a connection: it would fail for each of the others too.
      if (inARow >= most) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, jobs.length) }, walk))
  if (first !== undefined) throw first.error
}

export type InTurn<Key> = (key: Key, work: () => Promise<void>) => Promise<void>

/** Work with the same key runs one after the other, whether what came before it failed or not. */
export function createTurns<Key>(): InTurn<Key> {
  const last = new Map<Key, Promise<void>>()
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).catch(() => undefined).then(work)
    last.set(key, mine)
    try {
      await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}
