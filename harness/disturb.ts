import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from '#harness/stack/stack.ts'
import type { Random } from './random.ts'

/** Stops and kills a stack's worker at random moments, until it is asked to stop. */
export interface Disturbance {
  /** Answers how often the worker was started again, when it runs. */
  stop(): Promise<number>
}

/** `everyMs`: the shortest and the longest time between two restarts. */
export function disturb(
  { worker }: Pick<Stack, 'worker'>,
  random: Random,
  everyMs: readonly [number, number],
): Disturbance {
  let over = false
  let restarts = 0
  const run = async (): Promise<void> => {
    while (!over) {
      await sleep(random.whole(...everyMs))
      if (over) return
      await (random.chance(0.5) ? worker.crash() : worker.stop())
      await sleep(random.whole(0, 1_000))
      await worker.start()
      restarts += 1
    }
  }
  const running = run()
  // Thrown by `stop`, which comes later.
  running.catch(() => undefined)
  return {
    async stop() {
      over = true
      await running
      return restarts
    },
  }
}
