import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker'
import { dataConverter } from '#services/shared/temporal.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestTemporal, type TestTemporal } from '#services/api/testing/temporal.ts'
import { pushOne, start } from '#store/fixtures.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import type { Attempt } from '#store/types.ts'
import { createMemory } from '#harness/workflows/memory-activities.ts'
import { testTemporalAddress, workflowBundle } from '#harness/workflows/temporal.ts'
import { createWatch, type Watch } from './watch.ts'

let temporal: TestTemporal
let database: TestDatabase
let native: NativeConnection
const alarms: string[] = []

beforeAll(async () => {
  temporal = await createTestTemporal()
  database = await createTestDatabase()
  native = await NativeConnection.connect({ address: testTemporalAddress() })
})
afterAll(async () => {
  await native.close()
  await database.drop()
  await temporal.close()
})

const watch = (young = 0): Watch =>
  createWatch({
    client: temporal.client,
    attempts: database.store.attempts,
    alarm: async (_, message) => void alarms.push(message),
    deployment: {
      known: () => undefined,
      look: () => Promise.reject(new Error('unexpected')),
      move: () => Promise.reject(new Error('unexpected')),
    },
    log: { warn: () => undefined },
    patience: { young, closed: 0, gone: 500, killed: 0, nondeterministic: 8_000 },
  })

/** An attempt with a task that waits, whose workflow nobody runs yet. */
async function begun(project: string): Promise<Attempt> {
  const { store } = database
  const workflow = await pushOne(store, project)
  const { attempt } = await start(store, workflow.id, 5)
  await store.tasks.insert(attempt.id, null, [
    { name: '+daily', config: {}, exports: {}, upstreams: [], children: [] },
  ])
  await temporal.client.workflow.start('runAttempt', {
    workflowId: attempt.temporalId,
    taskQueue: 'control',
    args: [{ attemptId: attempt.id }],
  })
  await store.attempts.markStarted(attempt.id)
  return attempt
}

const row = async ({ id }: Attempt): Promise<Attempt> =>
  (await database.store.attempts.find(id)) as Attempt

test('an attempt of a moment ago is left to itself', async () => {
  const attempt = await begun('young')
  const handle = temporal.client.workflow.getHandle(attempt.temporalId)
  await handle.terminate()
  await watch(60_000)()
  expect(await row(attempt)).toMatchObject({ finishedAt: null })
  await watch()()
  expect(await row(attempt)).toMatchObject({ success: false })
})

test('an attempt that was terminated in Temporal ends, with all its tasks', async () => {
  const attempt = await begun('terminated')
  await temporal.client.workflow.getHandle(attempt.temporalId).terminate('by hand')
  await watch()()
  expect(await row(attempt)).toMatchObject({ success: false, cancelRequested: true })
  expect((await row(attempt)).finishedAt).not.toBeNull()
  const [root] = await database.store.tasks.ofAttempt(attempt.id)
  expect(root?.state).toBe('canceled')
  expect(root?.error).toEqual({ message: expect.stringContaining('terminated in Temporal') })
})

test('an attempt that Temporal goes on not to know ends as failed', async () => {
  const { store } = database
  const workflow = await pushOne(store, 'gone')
  const { attempt } = await start(store, workflow.id, 5)
  await store.attempts.markStarted(attempt.id)
  const watching = watch()
  await watching()
  expect((await row(attempt)).finishedAt).toBeNull()
  const ended = async (): Promise<boolean> => {
    await watching()
    return (await row(attempt)).finishedAt !== null
  }
  await expect.poll(ended, { timeout: 20_000, interval: 200 }).toBe(true)
  expect(await row(attempt)).toMatchObject({ success: false, cancelRequested: false })
  expect(alarms.at(-1)).toContain('Temporal does not know this attempt')
})

test('a kill that was noted but not delivered reaches the workflow', async () => {
  const attempt = await begun('undelivered')
  await database.store.attempts.requestCancel(attempt.id, { kind: 'user' })
  await watch()()
  const handle = temporal.client.workflow.getHandle(attempt.temporalId)
  const { events } = await handle.fetchHistory()
  expect(events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes)).toBe(true)
  await handle.terminate()
})

test('an attempt that no code can go on with is reported, and ended', async () => {
  const attempt = await begun('other-version')
  const workflowId = attempt.temporalId
  const handle = temporal.client.workflow.getHandle(workflowId)
  const other = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('testing/other-version.ts', import.meta.url)),
    payloadConverterPath: dataConverter.payloadConverterPath,
  })
  await withWorker(other, async () => {
    const waits = async () => (await handle.fetchHistory()).events ?? []
    await expect
      .poll(waits, { timeout: 20_000 })
      .toContainEqual(expect.objectContaining({ timerStartedEventAttributes: expect.anything() }))
  })
  const seen: unknown[] = []
  await withWorker(await workflowBundle(), async () => {
    await handle.signal('wake')
    const ended = async (): Promise<boolean> => {
      await watch()()
      const now = await row(attempt)
      if (now.stalled !== null && now.finishedAt === null) seen.push(now.stalled)
      return now.finishedAt !== null
    }
    await expect.poll(ended, { timeout: 60_000, interval: 300 }).toBe(true)
  })
  expect(seen[0]).toMatchObject({ message: expect.stringMatching(/[Nn]ondeterminism/) })
  expect(await row(attempt)).toMatchObject({ success: false, cancelRequested: false })
  const reported = alarms.filter((alarm) => alarm.startsWith(`Attempt ${attempt.id} `))
  expect(reported).toEqual([
    expect.stringContaining('cannot go on'),
    expect.stringContaining('has ended it'),
  ])
  expect((await handle.describe()).status.name).toBe('TERMINATED')
}, 120_000)

async function withWorker(
  workflows: Awaited<ReturnType<typeof workflowBundle>>,
  body: () => Promise<void>,
): Promise<void> {
  const worker = await Worker.create({
    dataConverter,
    connection: native,
    namespace: temporal.client.options.namespace,
    taskQueue: 'control',
    workflowBundle: workflows,
    activities: { ...createMemory({ name: '+daily' }).activities },
    shutdownForceTime: '2 seconds',
  })
  await worker.runUntil(body)
}
