import { setTimeout as sleep } from 'node:timers/promises'

/** Does something again and again, with a pause between; `stop` notifies what is under way, and waits for it. */
export function repeat(
  everyMilliseconds: number,
  work: (stopping: AbortSignal) => Promise<void>,
  failed: (error: unknown) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const { signal } = stopped
  const running = (async () => {
    while (!signal.aborted) {
      await work(signal).catch(failed)
      await sleep(everyMilliseconds, undefined, { signal, ref: false }).catch(() => undefined)
    }
  })()
  return {
    async stop() {
      stopped.abort()
      await running
    },
  }
}
