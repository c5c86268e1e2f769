import { WorkflowFailedError } from '@temporalio/client'
import { expect, test } from 'vitest'
import { digWorkflowType, type AttemptInput } from './contract.ts'
import type { AttemptId } from './domain/ids.ts'
import {
  createMemory,
  fails,
  runsUntilKilled,
  type Memory,
} from '#harness/workflows/memory-activities.ts'
import { withWorkers } from '#harness/workflows/temporal.ts'

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

async function run(
  memory: Memory,
  during?: (cancel: () => Promise<unknown>) => Promise<void>,
  more: Partial<AttemptInput> = {},
) {
  return withWorkers(memory.activities, async (client) => {
    const attemptId = newAttempt()
    const handle = await client.workflow.start(digWorkflowType, {
      workflowId: `attempt-${attemptId}`,
      taskQueue: 'control',
      args: [{ attemptId, ...more }],
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

test('what was done with the opening of an attempt stays done when a kill comes meanwhile', async () => {
  const first = { name: '+first', children: [{ name: '+slow', operator: 'echo' }] }
  const sketch = { name: '+w', children: [first, { name: '+report', operator: 'bq' }] }
  const memory = createMemory(sketch, {
    '+w+first+slow': () => new Promise((resolve) => setTimeout(resolve, 700, {})),
    '+w+report': runsUntilKilled,
  })
  const { status } = await run(memory, async (cancel) => {
    await expect.poll(() => memory.ran, { timeout: 10_000 }).toContain('+w+first+slow')
    await cancel()
  })
  expect(status).toBe('CANCELLED')
  expect(memory.closed).toEqual(['canceled'])
  // In order of their ids: the root, +first, +slow, +report.
  const canceled = memory.changes.filter(({ state }) => state === 'canceled')
  expect(new Set(canceled.map(({ taskId }) => taskId))).toEqual(new Set([1, 4]))
})

/** A second from now. */
const soon = (): { readonly lateAt: string } => ({
  lateAt: new Date(Date.now() + 1_000).toISOString(),
})

/** Runs until `^sla` has, or for so long. */
const until = (ended: () => boolean, milliseconds: number) => async () => {
  const deadline = Date.now() + milliseconds
  while (!ended() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
  return {}
}

test('a late attempt runs its ^sla once, while its task goes on', async () => {
  const acts = { '+daily+load+flights': until(() => memory.ran.includes('+daily^sla'), 30_000) }
  const memory: Memory = createMemory(daily, acts, soon())
  const { status, history } = await run(memory)
  expect(status).toBe('COMPLETED')
  expect(memory.ran.filter((name) => name === '+daily^sla')).toHaveLength(1)
  expect(memory.ran.indexOf('+daily^sla')).toBeLessThan(memory.ran.indexOf('+daily+report'))
  expect(history.events?.filter((event) => event.timerFiredEventAttributes)).toHaveLength(1)
})

test('an ^sla that fails fails the attempt', async () => {
  const acts = {
    '+daily+load+airports': until(() => memory.ran.includes('+daily^sla'), 30_000),
    '+daily^sla': fails('SLA violation'),
  }
  const memory: Memory = createMemory(daily, acts, soon())
  const { status, outcome } = await run(memory)
  expect(status).toBe('FAILED')
  expect((outcome as WorkflowFailedError).cause?.message).toBe('+daily^sla: SLA violation')
  expect(memory.ran).toContain('+daily+report')
  expect(memory.closed).toEqual(['error'])
})

test('an attempt that is done in time, and one of a backfill, run no ^sla', async () => {
  const later = { lateAt: new Date(Date.now() + 3_600_000).toISOString() }
  const inTime = createMemory(daily, {}, later)
  const { status, history } = await run(inTime)
  expect(status).toBe('COMPLETED')
  expect(history.events?.filter((event) => event.timerCanceledEventAttributes)).toHaveLength(1)

  const backfilled = createMemory(daily, {}, { lateAt: '2001-01-05T00:00:00Z' })
  await run(backfilled, undefined, { backfill: true })
  expect([...inTime.ran, ...backfilled.ran]).not.toContain('+daily^sla')
})
