import { beforeAll, expect, test } from 'vitest'
import { configError } from '../failure.ts'
import { createBq } from './bq.ts'
import { taskContext } from './testing/context.ts'
import { createDataset, engineDeps, jobsNamed, projectId, rows } from './testing/engine.ts'

const deps = engineDeps()
const bq = createBq(deps)
let dataset: string

beforeAll(async () => {
  dataset = await createDataset()
})

test('bq> runs a query file with its expressions evaluated, and stores the id of its job', async () => {
  const context = taskContext(
    {
      _command: 'queries/total.sql',
      destination_table: 'total',
      write_disposition: 'WRITE_TRUNCATE',
      bq: { dataset },
    },
    {
      files: { 'queries/total.sql': 'SELECT ${a} + 1 AS n' },
      render: (text) => Promise.resolve(text.replace('${a}', '41')),
    },
  )
  const result = await bq.run(context)

  expect(await rows(`SELECT n FROM ${dataset}.total`)).toEqual([{ n: 42 }])
  const [id] = await jobsNamed(context.task.fullName.slice(-8))
  expect(id).toMatch(/^suiro_7_main_task_\w{8}_0_[0-9a-f]{12}$/)
  const job = `${projectId}:US.${id}`
  expect(result).toEqual({
    stored: { bq: { last_job_id: job, last_jobid: job } },
    resetParams: ['bq.last_job_id', 'bq.last_jobid'],
  })
  expect(context.lines[0]).toBe(`BigQuery job ${job} started`)
  expect(context.lines.at(-1)).toMatch(`BigQuery job ${job} done`)
})

test('bq> labels its job, so that its cost is found again', async () => {
  const context = taskContext({ _command: { data: 'SELECT 1' } })
  await bq.run(context)
  const [id = ''] = await jobsNamed(context.task.fullName.slice(-8))
  const [metadata] = await deps.client.job(id).getMetadata()
  expect(metadata.configuration.labels).toEqual({
    suiro_project: 'sales_reports',
    suiro_workflow: 'daily',
    suiro_task: context.task.fullName.slice(1).replace('+', '_'),
    suiro_attempt: '7',
    suiro_fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/),
  })
})

test("bq> gives its job the task's own labels, and refuses those that BigQuery would not take", async () => {
  const defaults = { labels: { team: 'sales', cost_center: 41 } }
  const context = taskContext({
    _command: { data: 'SELECT 1' },
    bq: defaults,
    labels: { cost_center: 42 },
  })
  await bq.run(context)
  const [id = ''] = await jobsNamed(context.task.fullName.slice(-8))
  const [metadata] = await deps.client.job(id).getMetadata()
  expect(metadata.configuration.labels).toMatchObject({
    ...{ team: 'sales', cost_center: '42', suiro_project: 'sales_reports' },
  })
  for (const labels of [
    { Team: 'x' },
    { team: 'Sales' },
    { team: { a: 1 } },
    { suiro_task: 'x' },
  ]) {
    const refused = taskContext({ _command: { data: 'SELECT 1' }, labels })
    await expect(bq.run(refused)).rejects.toThrow(/label/)
    expect(await jobsNamed(refused.task.fullName.slice(-8))).toEqual([])
  }
})

test.each(['dry_run', 'query_parameters', 'store_last_results', 'download_file'])(
  'bq> with %s, which it does not know, runs nothing',
  async (option) => {
    for (const params of [{ [option]: 'x' }, { bq: { [option]: 'x' } }]) {
      const context = taskContext({ _command: { data: 'SELECT 1' }, ...params })
      await expect(bq.run(context)).rejects.toThrow(`bq> does not know ${option}; nothing was run`)
      expect(await jobsNamed(context.task.fullName.slice(-8))).toEqual([])
    }
    await bq.run(taskContext({ _command: { data: 'SELECT 1' }, [option]: false }))
  },
)

test('bq> runs the query given as data, as it is', async () => {
  const never = (): Promise<string> => Promise.reject(new Error('evaluated twice'))
  const data = `CREATE TABLE ${dataset}.given AS SELECT 'x' AS a`
  await bq.run(taskContext({ _command: { data } }, { render: never }))
  expect(await rows(`SELECT a FROM ${dataset}.given`)).toEqual([{ a: 'x' }])
})

test('bq> looks up tables in its dataset, and takes _workdir into account', async () => {
  await rows(`CREATE TABLE ${dataset}.source AS SELECT 7 AS n`)
  const files = { 'sub/copy.sql': 'SELECT n FROM source' }
  const params = { _workdir: 'sub', _command: 'copy.sql', dataset, destination_table: 'copy' }
  await bq.run(taskContext(params, { files }))
  expect(await rows(`SELECT n FROM ${dataset}.copy`)).toEqual([{ n: 7 }])
})

test('bq> fails with the sentence of BigQuery, file, line and job, and its log shows the SQL', async () => {
  const context = taskContext(
    { _command: 'bad.sql', _workdir: 'queries' },
    { files: { 'queries/bad.sql': 'SELECT\n  1,\n  nothing(2)\nFROM\n  (SELECT 1)' } },
  )
  const failure = await bq.run(context).catch((error: unknown) => error)
  const [id] = await jobsNamed(context.task.fullName.slice(-8))
  expect(failure).toMatchObject({
    name: 'OperatorError',
    message: [
      'BigQuery invalidQuery: Function not found: nothing at [3:3] (queries/bad.sql, line 3: "nothing(2)")',
      `job ${projectId}:US.${id}`,
    ].join('\n'),
  })
  expect(context.said()).toBe(
    [
      'ERROR The SQL of queries/bad.sql, as it was run:',
      '  1 | SELECT',
      '  2 |   1,',
      '> 3 |   nothing(2)',
      '    |   ^',
      '  4 | FROM',
      '  5 |   (SELECT 1)\n',
    ].join('\n'),
  )
})

test('bq> shows the SQL where BigQuery gives no position, and marks the only line that may be meant', async () => {
  const text = `SELECT n\nFROM ${dataset}.nowhere\nWHERE n > 1`
  const named = taskContext({ _command: { data: text } })
  await expect(bq.run(named)).rejects.toThrow(
    `was not found in location US (probably line 2 of the task's own SQL: "FROM ${dataset}.nowhere")`,
  )
  expect(named.said()).toContain(`> 2 | FROM ${dataset}.nowhere\n    | `)
  expect(named.said()).toContain('marked is the line that holds what the message names')

  const divided = taskContext({ _command: { data: 'SELECT 1 /\n  0' } })
  await expect(bq.run(divided)).rejects.toThrow(
    /^BigQuery invalidQuery: division by zero: 1 \/ 0\njob /,
  )
  expect(divided.said()).toBe(
    "ERROR The task's own SQL, as it was run:\n  1 | SELECT 1 /\n  2 |   0\n",
  )
})

test('bq> says both lines where the file has another one than the text that was run', async () => {
  const context = taskContext(
    { _command: 'list.sql' },
    {
      files: { 'list.sql': 'SELECT *\nFROM UNNEST([${list}]) AS n\nWHERE nowhere = n' },
      render: (text) => Promise.resolve(text.replace('${list}', '1,\n2,\n3')),
    },
  )
  await expect(bq.run(context)).rejects.toThrow(
    'at [5:7] (list.sql, line 3, which is line 5 of its evaluated text: "WHERE nowhere = n")',
  )
  expect(context.said()).toContain('(line 5 is line 3 of the file):\n')
})

test('bq> shows the SQL of a script with the place in the whole of it, also in another worker', async () => {
  const data = 'DECLARE d INT64 DEFAULT 1;\nSELECT d;\nSELECT nowhere;'
  const files = { 'script.sql': data }
  const context = taskContext({ _command: 'script.sql' }, { files })
  const where = 'nowhere at [3:8] (script.sql, line 3: "SELECT nowhere;")'
  await expect(bq.run(context)).rejects.toThrow(where)
  const other = context.again()
  await expect(bq.run(other)).rejects.toThrow(where)
  expect(other.said()).toContain('> 3 | SELECT nowhere;')
})

test('bq> keeps secrets out of the SQL that it shows', async () => {
  const secrets = { 'gcp.project': projectId }
  const long = `${'x'.repeat(90)} ${projectId} AS y`
  const data = `SELECT nowhere, '${long}'`
  const context = taskContext({ _command: { data } }, { secrets })
  const failure = (await bq.run(context).catch((error: unknown) => error)) as Error
  const quoted = failure.message.split('\n')[0]
  expect(quoted).toContain("line 1 of the task's own SQL")
  expect(quoted).not.toContain(projectId.slice(0, 5))
  expect(context.said()).not.toContain(projectId)
})

test('bq> names the file that is missing, and the one whose expression fails', async () => {
  const missing = taskContext({ _command: 'none.sql' })
  await expect(bq.run(missing)).rejects.toThrow('File not found: none.sql')

  const broken = taskContext(
    { _command: 'a.sql' },
    {
      files: { 'a.sql': '${x}' },
      render: () => Promise.reject(configError('Failed to evaluate a variable x (no x)')),
    },
  )
  await expect(bq.run(broken)).rejects.toMatchObject({
    kind: 'config',
    message: 'Failed to evaluate a variable x (no x) in a.sql',
  })
})

test('bq> without a query says so', async () => {
  await expect(bq.run(taskContext({ _command: null }))).rejects.toThrow(
    "Parameter '_command' is required but not set",
  )
})
