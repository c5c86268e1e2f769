import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createSlots } from '#workflows/domain/slots.ts'
import { eachOf } from './side-by-side.ts'

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)

describe('jobs side by side', () => {
  test('one that fails holds none of the others up, and is thrown at the end', async () => {
    const done: number[] = []
    const all = eachOf(numbers(20), 4, async (job) => {
      await setImmediate()
      if (job % 5 === 2) throw new Error(`job ${job}`)
      done.push(job)
    })
    await expect(all).rejects.toThrow('job 2')
    expect(done).toHaveLength(16)
  })

  test('where all fail, no more are begun than run at a time, and those under way', async () => {
    let begun = 0
    const all = eachOf(numbers(1_000), 4, async () => {
      begun += 1
      await setImmediate()
      throw new Error('no connection')
    })
    await expect(all).rejects.toThrow('no connection')
    expect(begun).toBeLessThan(8)
  })
})

test('two who bring much to the same slots share them: neither waits for all of the other', async () => {
  const slot = createSlots(3)
  const order: string[] = []
  const bring = (who: string, count: number): Promise<void> =>
    eachOf(numbers(count), 3, () =>
      slot(async () => {
        await setImmediate()
        order.push(who)
      }),
    )
  await Promise.all([bring('much', 300), bring('little', 5)])
  expect(order.lastIndexOf('little')).toBeLessThan(30)
})
