import { expect, test } from 'vitest'
import type { TaskId } from '#workflows/domain/ids.ts'
import type { Usage } from '#store/types.ts'
import { bigQuerySum, presentUsage } from './usage.ts'

const usage = (job: string, more: Partial<Usage> = {}): Usage => ({
  id: 1,
  taskId: 2 as TaskId,
  retries: 0,
  polls: 0,
  replacement: 0,
  kind: 'bigquery',
  project: 'p',
  location: 'US',
  job,
  state: 'succeeded',
  reason: null,
  statementType: null,
  bytesProcessed: null,
  bytesBilled: null,
  slotMs: null,
  rows: null,
  cacheHit: null,
  childJobs: null,
  startedAt: new Date('2026-03-05T00:00:00Z'),
  endedAt: new Date('2026-03-05T00:01:00Z'),
  ...more,
})

test('a task that used nothing has no sum', () => {
  expect(bigQuerySum([])).toBeNull()
  expect(bigQuerySum([usage('j', { state: 'not_run', reason: 'accessDenied' })])).toBeNull()
})

test('failed jobs and earlier tries count, and the last job that there was is named', () => {
  const jobs = [
    usage('first', { state: 'failed', bytesBilled: 10n, slotMs: 3n, cacheHit: true }),
    usage('second', { retries: 1, bytesBilled: 5n, cacheHit: false }),
    usage('refused', { retries: 2, state: 'not_run' }),
  ]
  expect(bigQuerySum(jobs)).toEqual({
    job: 'p:US.second',
    bytesBilled: 15,
    slotMs: 3,
    cacheHit: false,
  })
})

test('a job that runs is named, its figures are not known yet', () => {
  const running = usage('j', { state: 'running', location: null, endedAt: null })
  expect(bigQuerySum([running])).toEqual({
    job: 'p:.j',
    bytesBilled: null,
    slotMs: null,
    cacheHit: null,
  })
})

test('figures of 64 bits are exact texts', () => {
  const large = { bytesBilled: 9_007_199_254_740_993n, slotMs: 0n }
  expect(presentUsage(usage('j', large))).toMatchObject({
    bytesBilled: '9007199254740993',
    slotMs: '0',
    rows: null,
  })
})
