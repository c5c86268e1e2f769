import { expect, test } from 'vitest'
import { startStack } from '#harness/stack/stack.ts'
import { chosenRuns, chosenSeed, createRandom } from '../random.ts'
import { runRestarts } from './run.ts'

const runs = chosenRuns(12)

// A cache of three workflows: most of them are replayed each time they go on.
test(`${runs} attempts end, and replay from every prefix, however their worker is stopped`, async () => {
  const random = createRandom(chosenSeed())
  const print = (line: string): void => console.log(`seed ${random.seed}: ${line}`)
  const stack = await startStack({ SUIRO_CACHED_WORKFLOWS: '3', SUIRO_DRAIN_SECONDS: '2' })
  try {
    const { faults, restarts, histories } = await runRestarts(stack, random, {
      runs,
      atOnce: 8,
      print,
    })
    print(`${restarts} restarts, ${histories} histories`)
    expect(faults, `seed ${random.seed}`).toEqual([])
  } finally {
    await stack.stop()
  }
}, 7_200_000)
