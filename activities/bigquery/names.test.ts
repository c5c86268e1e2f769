import { describe, expect, test } from 'vitest'
import { jobFingerprint, jobId, replacementJobId, type JobIdentity } from './job-id.ts'
import { createConfig } from '../task/config.ts'
import { loadJob } from './job-config.ts'
import { jobLabels, labelValue } from './labels.ts'
import { parseDataset, parseTable } from './table-reference.ts'

describe('a table reference', () => {
  const dataset = { projectId: 'other', datasetId: 'daily' }

  test('names project, data set and table', () => {
    expect(parseTable('my-project:sales.orders$20240131', 'mine', dataset)).toEqual({
      projectId: 'my-project',
      datasetId: 'sales',
      tableId: 'orders$20240131',
    })
  })

  test('takes what it leaves out from the default data set, then from the project', () => {
    expect(parseTable('orders', 'mine', dataset)).toEqual({ ...dataset, tableId: 'orders' })
    expect(parseTable('sales.orders', 'mine')).toEqual({
      projectId: 'mine',
      datasetId: 'sales',
      tableId: 'orders',
    })
  })

  test('may name a project of a domain, which holds a colon', () => {
    expect(parseTable('example.com:p:d.t', 'mine').projectId).toBe('example.com:p')
    expect(parseDataset('p-1:d', 'mine')).toEqual({ projectId: 'p-1', datasetId: 'd' })
  })

  test.each([
    ['my-project.sales.orders', 'my-project', 'sales', 'orders'],
    ['my-project:sales.orders', 'my-project', 'sales', 'orders'],
    ['example.com:p.sales.orders', 'example.com:p', 'sales', 'orders'],
    ['example.com:p:sales.orders', 'example.com:p', 'sales', 'orders'],
    ['p:orders', 'p', 'daily', 'orders'],
    ['`p.sales.orders`', 'p', 'sales', 'orders'],
  ])('is read from %j', (text, projectId, datasetId, tableId) => {
    expect(parseTable(text, 'mine', dataset)).toEqual({ projectId, datasetId, tableId })
  })

  test.each([
    ...['t$10', 't$-10', 't$0', 't$2026', 't$202601', 't$20260101', 't$2026010100'],
    ...['t$__NULL__', 't$__UNPARTITIONED__', 't@-3600000', 't@0', 't@1-2', 't@-7200000--3600000'],
    ...['日次 集計-2026', 'a b', 'été_1', '1st', '日'.repeat(341)],
  ])('has the table %j', (tableId) => {
    expect(parseTable(`p.d.${tableId}`, 'mine').tableId).toBe(tableId)
    expect(parseTable(tableId, 'mine', dataset)).toEqual({ ...dataset, tableId })
  })

  test.each([
    ...['', 'd.t$', 'd.t;', 't$x', 't$__OTHER__', 't$1$2', 't$1.5', 't@', 'd.a/b', 'd.t*', '.t'],
    ...['d.`t`', '日'.repeat(342)],
  ])('is refused when it is %j', (text) => {
    expect(() => parseTable(text, 'mine', dataset)).toThrow(`Bad table reference: ${text}`)
  })

  test('without any data set says what to do', () => {
    expect(() => parseTable('orders', 'mine')).toThrow("Either configure 'dataset' or include")
  })

  test('of a data set may name its project', () => {
    expect(parseDataset('p.d', 'mine')).toEqual({ projectId: 'p', datasetId: 'd' })
    expect(parseDataset('example.com:p.d', 'mine').projectId).toBe('example.com:p')
    expect(parseDataset('example.com:p:d', 'mine').projectId).toBe('example.com:p')
    expect(() => parseDataset('p.', 'mine')).toThrow('Bad dataset reference: p.')
  })
})

test('bq_load> loads into the project that it names, not into one that is only exported', () => {
  const task = { _command: 'gs://b/o', destination_table: 't', dataset: 'd', project: 'other' }
  const into = (local: readonly string[]) =>
    loadJob(createConfig(task, new Set(), local), 'mine')['load']
  expect(into(['project'])).toMatchObject({ destinationTable: { projectId: 'other' } })
  expect(into([])).toMatchObject({ destinationTable: { projectId: 'mine', datasetId: 'd' } })
})

describe("a job's id", () => {
  const identity: JobIdentity = {
    attemptId: 12,
    sessionUuid: '0b4b1d6e',
    taskId: 34,
    fullName: '+daily+load^sub+日次 集計+x',
    retries: 2,
    configuration: { query: { query: 'SELECT 1' } },
  }
  const idOf = (change: Partial<JobIdentity>): string => {
    const changed = { ...identity, ...change }
    return jobId(changed, jobFingerprint(changed))
  }

  test('can be read, and holds only what BigQuery allows', () => {
    expect(idOf({})).toMatch(/^suiro_12_daily_load_sub_x_2_[0-9a-f]{12}$/)
    expect(idOf({ fullName: `+${'long'.repeat(500)}` }).length).toBeLessThan(1024)
  })

  test('is the same for the same work and another for any other', () => {
    expect(idOf({})).toBe(idOf({}))
    const others: readonly Partial<JobIdentity>[] = [
      { attemptId: 13 },
      { sessionUuid: 'ffff' },
      { taskId: 35 },
      { retries: 3 },
      { configuration: { query: { query: 'SELECT 2' } } },
    ]
    expect(new Set([idOf({}), ...others.map(idOf)]).size).toBe(others.length + 1)
  })

  test('of a replacement says which one it is', () => {
    expect(replacementJobId('suiro_1_a_0_ff', 0)).toBe('suiro_1_a_0_ff')
    expect(replacementJobId('suiro_1_a_0_ff', 2)).toBe('suiro_1_a_0_ff_r2')
  })
})

describe("a job's labels", () => {
  test('are written in the letters that BigQuery allows', () => {
    expect(
      jobLabels({
        projectName: 'Sales Reports (EU)',
        workflowName: 'sub/Daily.v2',
        fullName: '+main+日次^sub',
        attemptId: 5,
      }),
    ).toEqual({
      suiro_project: 'sales_reports_eu_',
      suiro_workflow: 'sub_daily_v2',
      suiro_task: 'main_日次_sub',
      suiro_attempt: '5',
    })
  })

  test('keep the end of a name that is too long', () => {
    expect(labelValue(`+${'a'.repeat(80)}+last`)).toBe(`${'a'.repeat(58)}_last`)
  })
})
