import { expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { readEnd, readFigures, readJob } from './job-report.ts'

/** BigQuery's answer about a finished job. */
const job = (statistics: JsonObject, failure?: JsonObject) =>
  readJob({
    jobReference: { projectId: 'p', location: 'US', jobId: 'j' },
    status: { state: 'DONE', ...(failure && { errorResult: failure }) },
    statistics,
  })

test('a query has what it read, billed and answered', () => {
  const query = {
    statementType: 'SELECT',
    totalBytesProcessed: '1200',
    totalBytesBilled: '10485760',
    cacheHit: false,
    queryPlan: [{ recordsWritten: '900' }, { recordsWritten: '7' }],
  }
  expect(readFigures(job({ totalSlotMs: '45', query }))).toEqual({
    statementType: 'SELECT',
    bytesProcessed: 1200n,
    bytesBilled: 10_485_760n,
    slotMs: 45n,
    rows: 7n,
    cacheHit: false,
    childJobs: null,
  })
})

test('a statement that changes rows has their number, not that of its plan', () => {
  const query = { numDmlAffectedRows: '3', queryPlan: [{ recordsWritten: '1000' }] }
  expect(readFigures(job({ query }))).toMatchObject({ rows: 3n })
})

test('a load has the bytes of its files and the rows it wrote, an extract the bytes it read', () => {
  expect(
    readFigures(job({ load: { inputFileBytes: '64', outputRows: '2', outputBytes: '30' } })),
  ).toMatchObject({ bytesProcessed: 64n, bytesBilled: null, rows: 2n, statementType: null })
  expect(readFigures(job({ extract: { inputBytes: '512' } }))).toMatchObject({
    bytesProcessed: 512n,
    rows: null,
  })
})

test.each(['', '-1', '1.5', 'many', '9223372036854775808', null, true, {}])(
  '%j is no figure',
  (totalBytesBilled) => {
    expect(readFigures(job({ query: { totalBytesBilled } }))).toMatchObject({ bytesBilled: null })
  },
)

test('an end is a success, a failure or a cancel, at the times that BigQuery reports', () => {
  const times = { creationTime: '1000', startTime: '2000', endTime: '5000' }
  expect(readEnd(job(times))).toMatchObject({
    state: 'succeeded',
    reason: null,
    location: 'US',
    startedAt: new Date(2000),
    endedAt: new Date(5000),
  })
  const invalid = { reason: 'invalidQuery', message: 'Syntax error' }
  expect(readEnd(job({}, invalid))).toMatchObject({ state: 'failed', reason: 'invalidQuery' })
  expect(readEnd(job({}, { reason: 'stopped' }))).toMatchObject({ state: 'canceled' })
  // It ended before it began to run.
  expect(readEnd(job({ creationTime: '1000', endTime: '1500' }))).toMatchObject({
    startedAt: new Date(1000),
    endedAt: new Date(1500),
  })
})
