import { WorkflowFailedError } from '@temporalio/client'
import { expect, test } from 'vitest'
import { attemptWorkflowId, digWorkflowType } from './contract.ts'
import type { AttemptId } from './domain/ids.ts'
import { createMemory, fails, runsUntilKilled, type Memory } from './testing/memory-activities.ts'
import { withWorkers } from './testing/temporal.ts'

/** No two tests share a workflow id, in one run of the tests or in several on one server. */
const newAttempt = (): AttemptId => Math.floor(Math.random() * 2 ** 40) as AttemptId

const daily = {
  name: '+daily',
  children: [
    { name: '+prepare', operator: 'echo' },
    {
      name: '+load',
      parallel: true,
      children: [
        { name: '+flights', operator: 'bq_load' },
        { name: '+airports', operator: 'bq_load' },
      ],
    },
    { name: '+report', operator: 'bq' },
  ],
}

async function run(memory: Memory, during?: (cancel: () => Promise<unknown>) => Promise<void>) {
  return withWorkers(memory.activities, async (client) => {
    const attemptId = newAttempt()
    const handle = await client.workflow.start(digWorkflowType, {
      workflowId: attemptWorkflowId(attemptId),
      taskQueue: 'control',
      args: [{ attemptId }],
    })
    await during?.(() => handle.cancel())
    const outcome = await handle.result().then(
      () => 'completed',
      (error: unknown) => error,
    )
    const { status } = await handle.describe()
    return { outcome, status: status.name, history: await handle.fetchHistory() }
  })
}

test('an attempt runs its tasks on Temporal and closes as success', async () => {
  const memory = createMemory(daily)
  const { outcome, status } = await run(memory)
  expect(outcome).toBe('completed')
  expect(status).toBe('COMPLETED')
  expect(memory.ran).toHaveLength(4)
  expect(memory.ran[0]).toBe('+daily+prepare')
  expect(memory.ran[3]).toBe('+daily+report')
  expect(memory.closed).toEqual(['success'])
})

test("each remote activity's summary is its task's full name, on the queue of its resource", async () => {
  const { history } = await run(createMemory(daily))
  const scheduled = (history.events ?? []).flatMap((event) => {
    const attributes = event.activityTaskScheduledEventAttributes
    if (!attributes) return []
    const summary = event.userMetadata?.summary?.data ?? new Uint8Array()
    return [[JSON.parse(Buffer.from(summary).toString()), attributes.taskQueue?.name]]
  })
  expect(scheduled.map((row) => row.join(' ')).sort()).toEqual([
    '+daily+load+airports bigquery',
    '+daily+load+flights bigquery',
    '+daily+report bigquery',
  ])
})

test('a failed task fails the workflow with its name and message', async () => {
  const memory = createMemory(daily, { '+daily+load+flights': fails('Not found: bucket') })
  const { outcome, status } = await run(memory)
  expect(status).toBe('FAILED')
  expect(outcome).toBeInstanceOf(WorkflowFailedError)
  expect((outcome as WorkflowFailedError).cause?.message).toBe(
    '+daily+load+flights: Not found: bucket',
  )
  expect(memory.ran).toContain('+daily+load+airports')
  expect(memory.ran).not.toContain('+daily+report')
  expect(memory.closed).toEqual(['error'])
})

test('a kill waits until the operator has stopped and closes the attempt as canceled', async () => {
  const memory = createMemory(daily, { '+daily+load+flights': runsUntilKilled })
  const { status } = await run(memory, async (cancel) => {
    await expect.poll(() => memory.ran, { timeout: 10_000 }).toContain('+daily+load+flights')
    await cancel()
  })
  expect(status).toBe('CANCELLED')
  expect(memory.closed).toEqual(['canceled'])
  expect(memory.ran).not.toContain('+daily+report')
})
