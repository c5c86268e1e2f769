import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, beforeEach, afterEach, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import type { Attempt } from '#store/types.ts'
import { createBq } from './bq.ts'
import { createJobSweep } from './job-sweep.ts'
import type { TestContext } from '../testing/operator-context.ts'
import { openAttempt, started } from './testing/attempt.ts'
import { createDataset, engineDeps, engineEndpoint, quickPace, rows } from './testing/engine.ts'
import { isGet, refusal, startFaultProxy, type FaultProxy } from '#harness/faults/http-proxy.ts'

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
const deps = () => engineDeps(proxy.url)
const sweep = () =>
  createJobSweep({
    bigquery: deps(),
    usages: database.store.usages,
    secrets: database.store.secrets,
    log: (text) => void said.push(text),
  })()

/** A task that runs a long job in a real attempt. */
async function startJob(stopMs: number) {
  const { attempt, context } = await openAttempt(database.store, {
    _command: { data: slowly() },
  })
  const run = createBq({ ...deps(), pace: { ...quickPace, stopMs } }).run(context)
  run.catch(() => undefined)
  await started(context)
  return { attempt, context, run }
}

/** What is written of its use of BigQuery. */
const usagesOf = ({ id }: Attempt) => database.store.usages.ofAttempt(id)

const open = async (): Promise<number> => {
  const { rows: found } = await database.pool.query<{ n: number }>(
    "select count(*)::int as n from usages where state = 'running'",
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
  expect(await usagesOf(attempt)).toMatchObject([
    { state: 'canceled', reason: 'stopped', retries: 0, endedAt: expect.any(Date) },
  ])
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

test('a job that ended while nobody looked has its end and its figures all the same', async () => {
  const { attempt, context, run } = await startJob(5_000)
  context.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await expect(run).rejects.toThrow('WORKER_SHUTDOWN')
  const finished = (answer: object) => ({
    ...answer,
    status: { state: 'DONE' },
    statistics: {
      startTime: '1772668800000',
      endTime: '1772668860000',
      query: { statementType: 'INSERT', totalBytesBilled: '10485760', numDmlAffectedRows: '1' },
    },
  })
  proxy.inject({ on: isGet, act: { kind: 'rewrite', with: finished } })
  await database.store.attempts.requestCancel(attempt.id, { kind: 'user' })
  await sweep()
  expect(await usagesOf(attempt)).toMatchObject([
    {
      state: 'succeeded',
      reason: null,
      statementType: 'INSERT',
      bytesBilled: 10_485_760n,
      rows: 1n,
      startedAt: new Date('2026-03-05T00:00:00Z'),
      endedAt: new Date('2026-03-05T00:01:00Z'),
    },
  ])
})

test('a job that BigQuery does not know long after it was asked for has an unknown end', async () => {
  const { attempt, context } = await startJob(5_000)
  context.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await database.store.attempts.requestCancel(attempt.id, { kind: 'user' })
  proxy.inject({ on: isGet, times: 9, act: refusal(404, 'notFound', 'Not found: Job') })
  await sweep()
  expect(await usagesOf(attempt)).toMatchObject([{ state: 'running' }])
  await database.pool.query(
    `update usages set started_at = now() - interval '11 minutes', checked_at = null where attempt_id = $1`,
    [attempt.id],
  )
  await sweep()
  expect(await usagesOf(attempt)).toMatchObject([{ state: 'unknown', reason: 'notFound' }])
})

test('what the release before saw the end of is asked for its figures, and not stopped', async () => {
  const { attempt, context } = await openAttempt(database.store, {
    _command: { data: `INSERT INTO ${table} VALUES (1)` },
  })
  await createBq(deps()).run(context)
  const [before] = await usagesOf(attempt)
  await database.pool.query(
    `update usages set state = 'running', statement_type = null, rows = null where attempt_id = $1`,
    [attempt.id],
  )
  await sweep()
  expect(await usagesOf(attempt)).toEqual([before])
  expect(proxy.calls.some(({ path }) => path.includes('/cancel'))).toBe(false)
})
