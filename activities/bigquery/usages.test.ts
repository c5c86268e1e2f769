import { CancelledFailure } from '@temporalio/common'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import type { Attempt } from '#store/types.ts'
import { createStage } from '#harness/stage/play.ts'
import { createBq } from './bq.ts'
import { openAttempt, started } from './testing/attempt.ts'
import { createDataset, engineDeps, engineEndpoint, quickPace, rows } from './testing/engine.ts'
import {
  isGet,
  isInsert,
  refusal,
  startFaultProxy,
  type FaultProxy,
} from '#harness/faults/http-proxy.ts'

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

const operator = () => createBq({ ...engineDeps(proxy.url), pace: quickPace })
const query = (sql: string) => openAttempt(database.store, { _command: { data: sql } })
const slowly = (): string => `
  INSERT INTO ${table}
  SELECT SUM(MOD(a * b, 7)) AS n
  FROM UNNEST(GENERATE_ARRAY(1, 15000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 15000)) AS b`
const usagesOf = ({ id }: Attempt) => database.store.usages.ofAttempt(id)
const ended = { endedAt: expect.any(Date) as Date }

test('a job is written down before it is asked for, and with its figures when it has ended', async () => {
  const { attempt, context } = await query(`INSERT INTO ${table} VALUES (1), (2)`)
  let before: ReturnType<typeof usagesOf> | undefined
  const look = (call: { readonly path: string; readonly method: string }): boolean => {
    if (isInsert(call)) before ??= usagesOf(attempt)
    return false
  }
  proxy.inject({ on: look, act: { kind: 'cut' } })
  const { stored } = await operator().run(context)
  const use = {
    kind: 'bigquery',
    taskId: context.task.taskId,
    retries: 0,
    replacement: 0,
    project: 'suiro-test',
  }
  expect(await before).toMatchObject([{ ...use, state: 'running', endedAt: null }])
  const [usage] = await usagesOf(attempt)
  expect(usage).toMatchObject({
    ...use,
    ...ended,
    location: 'US',
    state: 'succeeded',
    reason: null,
  })
  expect(usage).toMatchObject({ statementType: 'INSERT', bytesBilled: 0n, cacheHit: false })
  expect(usage!.endedAt!.getTime()).toBeGreaterThanOrEqual(usage!.startedAt.getTime())
  expect(stored).toMatchObject({ bq: { last_job_id: `suiro-test:US.${usage!.job}` } })
})

test('figures are exact, whatever their size', async () => {
  const { attempt, context } = await query('SELECT 1')
  const large = (answer: object) => ({
    ...answer,
    status: { state: 'DONE' },
    statistics: {
      totalSlotMs: '9007199254740995',
      query: { totalBytesProcessed: '9223372036854775807', totalBytesBilled: '9007199254740993' },
    },
  })
  proxy.inject({ on: isInsert, act: { kind: 'rewrite', with: large } })
  await operator().run(context)
  expect(await usagesOf(attempt)).toMatchObject([
    {
      bytesProcessed: 9_223_372_036_854_775_807n,
      bytesBilled: 9_007_199_254_740_993n,
      slotMs: 9_007_199_254_740_995n,
    },
  ])
})

test('a job that failed has its row, and each _retry one of its own', async () => {
  const { attempt, context } = await query('SELECT nothing(1)')
  await expect(operator().run(context)).rejects.toThrow('Function not found')
  const retry = context.again({ retries: 1, state: {} })
  await expect(operator().run(retry)).rejects.toThrow('Function not found')
  const failed = { state: 'failed', reason: expect.stringMatching(/^invalid/), ...ended }
  expect(await usagesOf(attempt)).toMatchObject([
    { ...failed, retries: 0 },
    { ...failed, retries: 1 },
  ])
})

test('a job that was refused never ran, until the same one is asked for again', async () => {
  const { attempt, context } = await query(`INSERT INTO ${table} VALUES (1)`)
  proxy.inject({ on: isInsert, act: refusal(403, 'accessDenied', 'Access Denied') })
  await expect(operator().run(context)).rejects.toThrow('Access Denied')
  expect(await usagesOf(attempt)).toMatchObject([
    { state: 'not_run', reason: 'accessDenied', bytesBilled: null, ...ended },
  ])
  await operator().run(context.again())
  expect(await usagesOf(attempt)).toMatchObject([{ state: 'succeeded', reason: null, ...ended }])
})

test('a job of another under the same id is not written down as ours', async () => {
  const { attempt, context } = await query('SELECT 1')
  proxy.inject({ on: isInsert, act: refusal(409, 'duplicate', 'Already Exists: Job') })
  const body = {
    jobReference: { projectId: 'suiro-test', jobId: 'x', location: 'US' },
    status: { state: 'DONE' },
    statistics: { query: { totalBytesBilled: '5' } },
  }
  proxy.inject({ on: isGet, act: { kind: 'refuse', status: 200, body } })
  await expect(operator().run(context)).rejects.toThrow("it is not this task's")
  expect(await usagesOf(attempt)).toMatchObject([
    { state: 'not_run', reason: 'duplicate', bytesBilled: null },
  ])
})

test('each of the jobs that replace one another has its row', async () => {
  const { attempt, context } = await query('SELECT 1')
  const failed = (answer: object) => ({
    ...answer,
    status: { state: 'DONE', errorResult: { reason: 'backendError', message: 'a bad moment' } },
  })
  proxy.inject({ on: isInsert, times: 2, act: { kind: 'rewrite', with: failed } })
  await operator().run(context)
  const usages = await usagesOf(attempt)
  expect(usages).toMatchObject([
    { replacement: 0, state: 'failed', reason: 'backendError', ...ended },
    { replacement: 1, state: 'failed', reason: 'backendError', ...ended },
    { replacement: 2, state: 'succeeded', reason: null, ...ended },
  ])
  expect(usages.map(({ job }) => job.slice(usages[0]!.job.length))).toEqual(['', '_r1', '_r2'])
  expect(usages.every(({ retries }) => retries === 0)).toBe(true)
})

test('a job whose worker went away and that the next one joined is one row', async () => {
  const { attempt, context } = await query(slowly())
  const run = operator().run(context)
  await started(context)
  context.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await expect(run).rejects.toThrow('WORKER_SHUTDOWN')
  expect(await usagesOf(attempt)).toMatchObject([{ state: 'running', endedAt: null }])
  await operator().run(context.again())
  expect(await usagesOf(attempt)).toMatchObject([
    { state: 'succeeded', statementType: 'INSERT', ...ended },
  ])
  // The next worker saw an end that had been seen: the row is as it was.
  const before = await usagesOf(attempt)
  await operator().run(context.again())
  expect(await usagesOf(attempt)).toEqual(before)
})

test('a killed job is written down as canceled', async () => {
  const { attempt, context } = await query(slowly())
  const run = operator().run(context)
  await started(context)
  context.abort(new CancelledFailure('CANCELLED'))
  await expect(run).rejects.toThrow('CANCELLED')
  expect(await usagesOf(attempt)).toMatchObject([
    { state: 'canceled', reason: 'stopped', ...ended },
  ])
})

test('a script is one row: what its statements used is in its own figures', async () => {
  const { attempt, context } = await query('SELECT 1')
  const script = (answer: object) => ({
    ...answer,
    status: { state: 'DONE' },
    statistics: {
      numChildJobs: '2',
      totalSlotMs: '30',
      query: { statementType: 'SCRIPT', totalBytesProcessed: '300', totalBytesBilled: '20971520' },
    },
  })
  proxy.inject({ on: isInsert, act: { kind: 'rewrite', with: script } })
  await operator().run(context)
  expect(await usagesOf(attempt)).toMatchObject([
    { statementType: 'SCRIPT', childJobs: 2, bytesBilled: 20_971_520n, slotMs: 30n, rows: null },
  ])
})

test('several statements of a script leave one row', async () => {
  const { attempt, context } = await query(
    `INSERT INTO ${table} VALUES (1); INSERT INTO ${table} VALUES (2);`,
  )
  await operator().run(context)
  expect(await rows(`SELECT n FROM ${table}`)).toHaveLength(2)
  expect(await usagesOf(attempt)).toMatchObject([{ state: 'succeeded', ...ended }])
})

test('an attempt that resumes another has rows of what it ran itself only', async () => {
  const stage = await createStage([operator()])
  try {
    const files = {
      'case.dig': `+a: {bq>: {data: "INSERT INTO ${table} VALUES (1)"}}\n+b: {bq>: {data: SELECT nothing(1)}}`,
    }
    const first = await stage.play(files)
    const again = await stage.play(files, {
      resume: { mode: 'failed', attemptId: first.attempt.id },
    })
    const states = async ({ id }: Attempt) =>
      (await stage.store.usages.ofAttempt(id)).map(({ state }) => state)
    expect(await states(first.attempt)).toEqual(['succeeded', 'failed'])
    expect(await states(again.attempt)).toEqual(['failed'])
  } finally {
    await stage.close()
  }
})
