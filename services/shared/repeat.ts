import { setTimeout as sleep } from 'node:timers/promises'

/** Does something again and again, with a pause between; `stop` waits for what is under way. */
export function repeat(
  everyMilliseconds: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController()
  const { signal } = stopped
  const running = (async () => {
    while (!signal.aborted) {
      await work().catch(failed)
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
