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
