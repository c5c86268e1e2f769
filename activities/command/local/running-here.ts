/** The commands that run in this process, by the names of their places. */
export interface RunningHere {
  /** Answers what a run answers, and knows of it until then. */
  hold(name: string, run: Promise<number>): Promise<number>
  /** Resolves when nothing of that name runs any more; throws the abort's reason. */
  end(name: string, signal: AbortSignal): Promise<void>
}

/**
 * Temporal may give a task to the very worker that it holds for lost, while that one still ends the
 * command of the try before.
 */
export function createRunningHere(): RunningHere {
  const runs = new Map<string, Promise<unknown>>()
  return {
    async hold(name, run) {
      runs.set(name, run)
      try {
        return await run
      } finally {
        if (runs.get(name) === run) runs.delete(name)
      }
    },
    async end(name, signal) {
      const run = runs.get(name)
      if (run === undefined) return
      signal.throwIfAborted()
      const aborted = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => aborted.resolve(), { once: true })
      await Promise.race([run.catch(() => undefined), aborted.promise])
      signal.throwIfAborted()
    },
  }
}
