import { CancelledFailure } from '@temporalio/common'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, afterEach, expect, test, vi } from 'vitest'
import { push } from '../testing/project.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import { createBq } from './bq.ts'
import { createJobSweep } from './job-sweep.ts'
import type { TestContext } from '../testing/operator-context.ts'
import { taskContext } from './testing/context.ts'
import { createDataset, engineDeps, engineEndpoint, quickPace, rows } from './testing/engine.ts'
import { refusal, startFaultProxy, type FaultProxy } from './testing/fault-proxy.ts'

let database: TestDatabase
let proxy: FaultProxy
let table: string
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  proxy = await startFaultProxy(engineEndpoint())
  table = `${await createDataset()}.runs`
  await rows(`CREATE TABLE ${table} (n INT64)`)
})
afterEach(() => proxy.close())

const slowly = (): string => `
  INSERT INTO ${table}
  SELECT SUM(MOD(a * b, 7)) AS n
  FROM UNNEST(GENERATE_ARRAY(1, 40000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 40000)) AS b`

const said: string[] = []
const deps = () => ({ ...engineDeps(proxy.url), jobs: database.store.jobs })
const sweep = () =>
  createJobSweep({
    bigquery: deps(),
    jobs: database.store.jobs,
    secrets: database.store.secrets,
    log: (text) => void said.push(text),
  })()

let attempts = 0

/** A task that runs a long job in a real attempt. */
async function startJob(stopMs: number) {
  const { store } = database
  const name = `left${(attempts += 1)}`
  const pushed = await push(store, { [`${name}.dig`]: '+a: {echo>: 1}' })
  const { attempt } = await store.attempts.start({
    workflowId: pushed.workflows.find((workflow) => workflow.name === name)!.id,
    sessionTime: new Date('2026-03-05T00:00:00Z'),
    params: {},
    actor: { kind: 'user' },
    reason: 'start',
  })
  const tasks = await store.tasks.insert(attempt.id, null, [
    { name: '+a', config: {}, exports: {}, upstreams: [], children: [], operator: 'bq' },
  ])
  const context = taskContext({ _command: { data: slowly() } })
  Object.assign(context.task, { attemptId: attempt.id, taskId: tasks[0]!.id })
  const run = createBq({ ...deps(), pace: { ...quickPace, stopMs } }).run(context)
  run.catch(() => undefined)
  while (!context.lines.some((line) => line.endsWith('started'))) await sleep(20)
  return { attempt, context, run }
}

const open = async (): Promise<number> => {
  const { rows: found } = await database.pool.query<{ n: number }>(
    'select count(*)::int as n from jobs where ended_at is null',
  )
  return found[0]!.n
}

async function stateOf(context: TestContext): Promise<unknown> {
  const { jobId } = context.state.value['job'] as { jobId: string }
  const [metadata] = await engineDeps().client.job(jobId).getMetadata()
  return metadata.status
}

const stopped = { state: 'DONE', errorResult: { reason: 'stopped' } }
const finish = async (): Promise<void> => {
  await vi.waitFor(
    async () => {
      await sweep()
      expect(await open()).toBe(0)
    },
    { timeout: 15_000, interval: 200 },
  )
}

test('a job whose worker has died is canceled once its attempt is killed, and not before', async () => {
  const { attempt, context, run } = await startJob(5_000)
  context.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await expect(run).rejects.toThrow('WORKER_SHUTDOWN')
  await sweep()
  expect(await stateOf(context)).toMatchObject({ state: 'RUNNING' })
  await database.store.attempts.requestCancel(attempt.id, { kind: 'user' })
  await Promise.all([sweep(), sweep()])
  await finish()
  expect(await stateOf(context)).toMatchObject(stopped)
  expect(await rows(`SELECT n FROM ${table}`)).toEqual([])
})

test('a kill that the engine does not answer is carried out when it does again', async () => {
  const { attempt, context, run } = await startJob(200)
  proxy.inject({ on: () => true, times: 999, act: refusal(503, 'backendError', 'away') })
  await database.store.attempts.requestCancel(attempt.id, { kind: 'user' })
  context.abort(new CancelledFailure('CANCELLED'))
  await expect(run).rejects.toThrow('CANCELLED')
  await sweep()
  expect(await open()).toBe(1)
  expect(said.at(-1)).toContain('cannot be asked: CallFailure: away')
  await proxy.close()
  proxy = await startFaultProxy(engineEndpoint())
  await finish()
  expect(await stateOf(context)).toMatchObject(stopped)
})

test('a job that was seen to end is looked for no more', async () => {
  const { context } = await startJob(5_000)
  context.abort(new CancelledFailure('CANCELLED'))
  await vi.waitFor(async () => expect(await open()).toBe(0), 10_000)
  const before = proxy.calls.length
  await sweep()
  expect(proxy.calls).toHaveLength(before)
})
