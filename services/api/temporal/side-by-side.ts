/** Runs all jobs, so many at a time; the first failure is thrown once all under way have ended. */
export async function eachOf<Job>(
  jobs: readonly Job[],
  most: number,
  run: (job: Job) => Promise<void>,
): Promise<void> {
  const left = jobs[Symbol.iterator]()
  let failure: { readonly error: unknown } | undefined
  const walk = async (): Promise<void> => {
    for (const job of left) {
      // What failed once, such as for want of a connection, would fail for each of the others too.
      if (failure !== undefined) return
      await run(job).catch((error: unknown) => (failure ??= { error }))
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, jobs.length) }, walk))
  if (failure !== undefined) throw failure.error
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
