import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestTemporal, type TestTemporal } from '#services/api/testing/temporal.ts'

let temporal: TestTemporal
beforeAll(async () => {
  temporal = await createTestTemporal()
})
afterAll(() => temporal.close())

const seconds = (since: number): number => (performance.now() - since) / 1000

test('a workflow task that is lost again and again is given anew soon each time', async () => {
  const { client } = temporal
  const { namespace } = client.options
  const queue = 'nobody-answers'
  await client.workflow.start('never', {
    workflowId: 'lost',
    taskQueue: queue,
    workflowTaskTimeout: '1 second',
  })
  const given: number[] = []
  const began = performance.now()
  // A worker that takes each task and dies: one second for each of the first three, then 5, 10, 20 more.
  while (given.length < 8) {
    const { taskToken } = await client.withDeadline(Date.now() + 60_000, () =>
      client.workflowService.pollWorkflowTaskQueue({
        namespace,
        taskQueue: { name: queue },
        identity: 'dies',
      }),
    )
    if (taskToken.length > 0) given.push(seconds(began))
    else await sleep(100)
  }
  const waits = given.slice(1).map((at, place) => at - given[place]!)
  // By default the seventh would have 41 seconds, and later ones up to ten minutes.
  expect(Math.max(...waits)).toBeLessThan(37)
  expect(waits.at(-1)).toBeGreaterThan(25)
}, 120_000)
