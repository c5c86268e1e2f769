import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { useStack } from '#harness/stack/use-stack.ts'

const stack = await useStack()

/** Kills the attempt; answers after how many milliseconds it says that it has ended. */
async function kill(id: string): Promise<number> {
  const began = performance.now()
  expect(await stack.api.request('POST', `/api/attempts/${id}/kill`, {})).toMatchObject({
    status: 200,
  })
  for (;;) {
    const { body } = await stack.api.request('GET', `/api/attempts/${id}`)
    if (body['done'] === true) return performance.now() - began
    await sleep(20)
  }
}

test('a kill is felt by commands in time, whenever it comes', async () => {
  await stack.api.push('killed', { 'daily.dig': '+a: {sh>: "sleep 300"}' })
  const took: number[] = []
  // At different moments between two signs of life.
  for (const delay of [500, 1_300, 3_000]) {
    const more = { retryAttemptName: `after-${delay}` }
    const { body } = await stack.api.start('killed', 'daily', '2001-01-05T00:00:00Z', more)
    const id = body['id'] as string
    await stack.api.taskIn(id, '+daily+a', ['running'])
    await sleep(delay)
    took.push(await kill(id))
  }
  // The best of them: two seconds are for a machine that is not busy with other tests.
  expect(Math.min(...took)).toBeLessThan(2_000)
  expect(Math.max(...took)).toBeLessThan(5_000)
}, 120_000)
