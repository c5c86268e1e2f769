import { CancelledFailure } from '@temporalio/common'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLimit } from '../task/interruption.ts'
import { createBq } from './bq.ts'
import type { TestContext } from '../testing/operator-context.ts'
import { taskContext } from './testing/context.ts'
import {
  createDataset,
  engineDeps,
  engineEndpoint,
  jobsNamed,
  quickPace,
  rows,
} from './testing/engine.ts'
import {
  isGet,
  isInsert,
  refusal,
  startFaultProxy,
  type FaultProxy,
} from '#harness/faults/http-proxy.ts'

// Some seconds of honest work for the engine, and a row that says how often it was done.
const slowly = (table: string): string => `
  INSERT INTO ${table}
  SELECT SUM(MOD(a * b, 7)) AS n
  FROM UNNEST(GENERATE_ARRAY(1, 30000)) AS a CROSS JOIN UNNEST(GENERATE_ARRAY(1, 30000)) AS b`

let proxy: FaultProxy
let table: string

beforeEach(async () => {
  proxy = await startFaultProxy(engineEndpoint())
  table = `${await createDataset()}.runs`
  await rows(`CREATE TABLE ${table} (n INT64)`)
})

afterEach(() => proxy.close())

const operator = (pace = quickPace) => createBq({ ...engineDeps(proxy.url), pace })
const insertOne = (): TestContext =>
  taskContext({ _command: { data: `INSERT INTO ${table} VALUES (1)` } })
const runs = async (): Promise<number> => (await rows(`SELECT n FROM ${table}`)).length
const jobsOf = (context: TestContext): Promise<readonly string[]> =>
  jobsNamed(context.task.fullName.slice(-8))

test('a task that is run again after it was done finds its job', async () => {
  const first = insertOne()
  const second = first.again()
  const result = await operator().run(first)
  expect(await operator().run(second)).toEqual(result)
  expect(await runs()).toBe(1)
  expect(await jobsOf(first)).toHaveLength(1)
})

test('a task that runs in two workers at once has one job', async () => {
  const first = insertOne()
  const both = await Promise.all([operator().run(first), operator().run(first.again())])
  expect(both[0]).toEqual(both[1])
  expect(await runs()).toBe(1)
  expect(await jobsOf(first)).toHaveLength(1)
})

test('a template that renders differently in the next worker does not make another job', async () => {
  const files = { 'a.sql': `INSERT INTO ${table} VALUES (NOW)` }
  const at = (now: string) => (text: string) => Promise.resolve(text.replace('NOW', now))
  const first = taskContext({ _command: 'a.sql' }, { files, render: at('1') })
  await operator().run(first)
  await operator().run(first.again({ render: at('2') }))
  expect(await rows(`SELECT n FROM ${table}`)).toEqual([{ n: 1 }])
})

test('a job is stored in the state of its task before anybody is asked to run it', async () => {
  const context = insertOne()
  const stored: unknown[] = []
  const remember = ({ path, method }: { path: string; method: string }): boolean => {
    if (isInsert({ path, method })) stored.push(context.state.value['job'])
    return false
  }
  proxy.inject({ on: remember, act: { kind: 'cut' } })
  await operator().run(context)
  const [id] = await jobsOf(context)
  expect(stored).toEqual([
    expect.objectContaining({
      jobId: id,
      projectId: 'suiro-test',
      configuration: expect.objectContaining({
        query: { query: `INSERT INTO ${table} VALUES (1)`, useLegacySql: false },
      }),
    }),
  ])
  expect(context.state.value['job']).toMatchObject({ jobId: id, location: 'US' })
})

test('an insert whose answer is lost is repeated with the same id', async () => {
  proxy.inject({ on: isInsert, times: 2, act: { kind: 'lose' } })
  const context = insertOne()
  await operator().run(context)
  expect(await runs()).toBe(1)
  expect(await jobsOf(context)).toHaveLength(1)
  expect(proxy.calls.filter(isInsert)).toHaveLength(3)
})

test('an insert that never arrives is repeated', async () => {
  proxy.inject({ on: isInsert, act: { kind: 'cut' } })
  proxy.inject({ on: isInsert, act: refusal(503, 'backendError', 'try again') })
  proxy.inject({ on: isInsert, act: refusal(403, 'rateLimitExceeded', 'too many') })
  await operator().run(insertOne())
  expect(await runs()).toBe(1)
})

test('an insert that is refused for good is not repeated', async () => {
  proxy.inject({
    on: isInsert,
    act: refusal(403, 'accessDenied', 'Access Denied: no bigquery.jobs.create'),
  })
  await expect(operator().run(insertOne())).rejects.toThrow(
    /^BigQuery accessDenied: Access Denied: no bigquery\.jobs\.create\njob \S*$/,
  )
  expect(proxy.calls.filter(isInsert)).toHaveLength(1)
})

test('a service that stays away ends the task after the time it is given', async () => {
  proxy.inject({ on: isInsert, times: 999, act: refusal(503, 'backendError', 'try again') })
  const run = operator({ ...quickPace, outageMs: 200 }).run(insertOne())
  await expect(run).rejects.toThrow('BigQuery backendError: try again')
  expect(proxy.calls.filter(isInsert).length).toBeGreaterThan(1)
})

test('a job that is not found just after it was refused as existing is waited for', async () => {
  const context = insertOne()
  await operator().run(context)
  proxy.inject({ on: isGet, times: 3, act: refusal(404, 'notFound', 'Not found: Job') })
  await operator().run(context.again())
  expect(await runs()).toBe(1)
})

test('a job under the same id that is not ours is not joined', async () => {
  const context = insertOne()
  await operator().run(context)
  const unlabelled = (answer: object) => ({ ...answer, configuration: { labels: {} } })
  proxy.inject({ on: isGet, act: { kind: 'rewrite', with: unlabelled } })
  await expect(operator().run(context.again())).rejects.toThrow("it is not this task's")
})

test('a job is asked for where it runs, in this worker and in the next', async () => {
  const inTokyo = (answer: object) => ({
    ...answer,
    jobReference: {
      ...('jobReference' in answer && (answer.jobReference as object)),
      location: 'asia-northeast1',
    },
    status: { state: 'RUNNING' },
  })
  proxy.inject({ on: isInsert, act: { kind: 'rewrite', with: inTokyo } })
  const context = insertOne()
  await operator().run(context)
  await operator().run(context.again())
  const asked = proxy.calls.filter(isGet)
  expect(asked.length).toBeGreaterThan(1)
  expect(asked.every(({ path }) => path.includes('location=asia-northeast1'))).toBe(true)
})

test('the location of an existing job is read from the refusal when nobody knows it', async () => {
  const context = insertOne()
  await operator().run(context)
  proxy.inject({
    on: isInsert,
    act: refusal(409, 'duplicate', 'Already Exists: Job suiro-test:asia-northeast1.suiro_7_x'),
  })
  const sameTask = taskContext(context.params, { identity: context.task })
  await operator().run(sameTask)
  expect(proxy.calls.findLast(isGet)?.path).toContain('location=asia-northeast1')
  expect(await runs()).toBe(1)
})

const failed = (reason: string) => (answer: object) => ({
  ...answer,
  status: { state: 'DONE', errorResult: { reason, message: 'a bad moment' }, errors: [] },
})

test('a job that failed for a passing reason is replaced by one with a new id', async () => {
  proxy.inject({ on: isInsert, times: 2, act: { kind: 'rewrite', with: failed('backendError') } })
  const context = taskContext({ _command: { data: 'SELECT 1' } })
  const { stored } = await operator().run(context)
  const ids = await jobsOf(context)
  expect(ids.map((id) => id.replace(/.*_0_[0-9a-f]{12}/, '')).sort()).toEqual(['', '_r1', '_r2'])
  expect(stored).toMatchObject({ bq: { last_job_id: expect.stringMatching(/_r2$/) } })
  expect(context.state.value['job']).toMatchObject({ round: 2 })
  expect(context.lines).toContainEqual(expect.stringContaining('(backendError: a bad moment)'))

  await operator().run(context.again())
  expect(await jobsOf(context)).toHaveLength(3)
})

test('a job is not replaced for ever, nor for a reason that stays', async () => {
  proxy.inject({
    on: isInsert,
    times: 9,
    act: { kind: 'rewrite', with: failed('jobInternalError') },
  })
  const context = taskContext({ _command: { data: 'SELECT 1' } })
  await expect(operator().run(context)).rejects.toThrow('BigQuery jobInternalError: ')
  expect(await jobsOf(context)).toHaveLength(1 + quickPace.replacements)
  await proxy.close()

  proxy = await startFaultProxy(engineEndpoint())
  proxy.inject({ on: isInsert, act: { kind: 'rewrite', with: failed('quotaExceeded') } })
  const other = taskContext({ _command: { data: 'SELECT 1' } })
  await expect(operator().run(other)).rejects.toThrow('BigQuery quotaExceeded: ')
  expect(await jobsOf(other)).toHaveLength(1)
})

test('a job that failed is run anew by the next logical try only', async () => {
  const context = taskContext({ _command: { data: 'SELECT nothing(1)' } })
  await expect(operator().run(context)).rejects.toThrow('Function not found')
  await expect(operator().run(context.again())).rejects.toThrow('Function not found')
  expect(await jobsOf(context)).toHaveLength(1)
  const retry = taskContext(context.params, { identity: context.task, retries: 1 })
  await expect(operator().run(retry)).rejects.toThrow('Function not found')
  expect(await jobsOf(context)).toHaveLength(2)
})

test('asking for a job goes on while the service has a bad moment', async () => {
  const context = insertOne()
  await operator().run(context)
  proxy.inject({ on: isGet, act: { kind: 'cut' } })
  proxy.inject({ on: isGet, act: refusal(500, 'internalError', 'oops') })
  await operator().run(context.again())
  expect(context.beats.length).toBeGreaterThan(0)
})

test('a worker that shuts down leaves its job running, and the next one joins it', async () => {
  const context = taskContext({ _command: { data: slowly(table) } })
  const run = operator().run(context)
  await started(context)
  context.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await expect(run).rejects.toThrow('WORKER_SHUTDOWN')
  expect(proxy.calls.some(({ path }) => path.includes('/cancel'))).toBe(false)

  const next = context.again()
  await operator().run(next)
  expect(next.lines[0]).toMatch(/ joined$/)
  expect(await runs()).toBe(1)
  expect(await jobsOf(context)).toHaveLength(1)
})

test('a killed task cancels its job, waits until it has stopped, and ends with the kill', async () => {
  const context = taskContext({ _command: { data: slowly(table) } })
  const run = operator().run(context)
  await started(context)
  const kill = new CancelledFailure('CANCELLED')
  context.abort(kill)
  await expect(run).rejects.toBe(kill)
  const [id = ''] = await jobsOf(context)
  const [metadata] = await engineDeps().client.job(id).getMetadata()
  expect(metadata.status).toMatchObject({ state: 'DONE', errorResult: { reason: 'stopped' } })
  expect(await runs()).toBe(0)
  expect(context.beats).toContainEqual({ job: `suiro-test:US.${id}`, state: 'RUNNING' })
})

const denied = [
  refusal(401, 'authError', 'Invalid Credentials'),
  refusal(403, 'accessDenied', 'Access Denied'),
  refusal(503, 'backendError', 'try again'),
] as const

test.each(denied)(
  'a job that runs is asked for until BigQuery reports its end: %j',
  async (act) => {
    // Longer than an outage may last, and than a job may be missing.
    const pace = { ...quickPace, outageMs: 50, missingMs: 50 }
    const context = taskContext({ _command: { data: slowly(table) } })
    const run = operator(pace).run(context)
    await started(context)
    proxy.inject({ on: isGet, times: 25, act })
    await run
    expect(await runs()).toBe(1)
    expect(await jobsOf(context)).toHaveLength(1)
    expect(context.lines).toContainEqual(expect.stringContaining('does not say what became of job'))
  },
)

test('an insert that may have arrived is looked for before its task fails', async () => {
  proxy.inject({ on: isInsert, act: { kind: 'lose' } })
  proxy.inject({ on: isInsert, times: 9, act: refusal(403, 'accessDenied', 'Access Denied') })
  proxy.inject({ on: isGet, times: 3, act: refusal(403, 'accessDenied', 'Access Denied') })
  const context = insertOne()
  await operator().run(context)
  expect(await runs()).toBe(1)
})

test('a worker that takes over does not give up a job because it may not ask for it', async () => {
  const context = taskContext({ _command: { data: slowly(table) } })
  const first = operator().run(context)
  await started(context)
  context.abort(new CancelledFailure('WORKER_SHUTDOWN'))
  await expect(first).rejects.toThrow('WORKER_SHUTDOWN')
  proxy.inject({ on: isInsert, act: refusal(401, 'authError', 'Invalid Credentials') })
  proxy.inject({ on: isGet, times: 5, act: refusal(401, 'authError', 'Invalid Credentials') })
  await operator().run(context.again())
  expect(await runs()).toBe(1)
})

test('a job that is not found any more is not started anew by _retry', async () => {
  const context = taskContext({ _command: { data: slowly(table) } })
  const run = operator({ ...quickPace, missingMs: 100 }).run(context)
  await started(context)
  proxy.inject({ on: isGet, times: 999, act: refusal(404, 'notFound', 'Not found: Job') })
  await expect(run).rejects.toMatchObject({
    retryable: false,
    final: true,
    message: expect.stringContaining('Nobody knows whether this job ran'),
  })
})

test('an engine that no longer answers does not hold a kill', async () => {
  const context = taskContext({ _command: { data: slowly(table) } })
  const run = operator({ ...quickPace, stopMs: 300 }).run(context)
  await started(context)
  proxy.inject({ on: () => true, times: 999, act: { kind: 'hang' } })
  const began = Date.now()
  context.abort(new CancelledFailure('CANCELLED'))
  await expect(run).rejects.toThrow('CANCELLED')
  expect(Date.now() - began).toBeLessThan(3_000)
  expect(context.lines).toContainEqual(expect.stringContaining('Suiro goes on asking it'))
})

test('no _retry starts the job of a task anew whose time was up, unless the job was seen to stop', async () => {
  for (const answers of [true, false]) {
    const context = taskContext({ _command: { data: slowly(table) } })
    const run = operator({ ...quickPace, stopMs: 30 }).run(context)
    await started(context)
    if (!answers) proxy.inject({ on: () => true, times: 999, act: { kind: 'hang' } })
    const { signal } = withLimit(new AbortController().signal, 1)
    await once(signal, 'abort')
    context.abort(signal.reason as Error)
    await expect(run).rejects.toMatchObject({
      message: expect.stringContaining('ran longer than'),
      final: !answers,
    })
    expect(context.said()).toMatch(
      /The task's own SQL, as it was run:\n {2}1 \|\n {2}2 \| {3}INSERT/,
    )
  }
})

test('a task killed before its job was started leaves no job', async () => {
  const context = insertOne()
  context.abort(new CancelledFailure('CANCELLED'))
  await expect(operator().run(context)).rejects.toThrow('CANCELLED')
  expect(await jobsOf(context)).toEqual([])
})

async function started(context: TestContext): Promise<void> {
  while (!context.lines.some((line) => line.endsWith('started'))) await sleep(20)
}
