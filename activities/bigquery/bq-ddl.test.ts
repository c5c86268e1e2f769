import { CancelledFailure } from '@temporalio/common'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createBqDdl } from './bq-ddl.ts'
import { taskContext } from './testing/context.ts'
import { createDataset, engineDeps, engineEndpoint, projectId, rows } from './testing/engine.ts'
import { refusal, startFaultProxy, type FaultProxy } from '#harness/faults/http-proxy.ts'

const { client } = engineDeps()
let proxy: FaultProxy
let dataset: string

beforeAll(async () => {
  proxy = await startFaultProxy(engineEndpoint())
})
afterAll(() => proxy.close())
beforeEach(async () => {
  dataset = await createDataset()
})

const run = (params: object) =>
  createBqDdl(engineDeps(proxy.url)).run(taskContext({ _command: null, ...params }))
const tables = async (id = dataset): Promise<readonly (string | undefined)[]> => {
  const [found] = await client.dataset(id).getTables()
  return found.map((table) => table.id)
}
const count = async (table: string) =>
  (await rows(`SELECT 1 AS one FROM ${dataset}.${table}`)).length
const fields = [{ name: 'a', type: 'INTEGER' }]

test('bq_ddl> creates what is missing and leaves what is there', async () => {
  await rows(`CREATE TABLE ${dataset}.kept AS SELECT 1 AS a`)
  const create = {
    create_datasets: [dataset, `${dataset}_new`],
    create_tables: [
      { id: 'kept', schema: { fields } },
      { id: 'fresh', schema: { fields } },
    ],
    dataset,
  }
  await run(create)
  await run(create)
  expect(await tables()).toEqual(['fresh', 'kept'])
  expect(await count('kept')).toBe(1)
  expect(await tables(`${dataset}_new`)).toEqual([])
})

test('bq_ddl> deletes what is there and does not mind what is not', async () => {
  await rows(`CREATE TABLE ${dataset}.gone AS SELECT 1 AS a`)
  await run({ delete_tables: [`${dataset}.gone`, `${dataset}.never`, 'nowhere_at_all.t'] })
  expect(await tables()).toEqual([])
  await rows(`CREATE TABLE ${dataset}.full AS SELECT 1 AS a`)
  await run({ delete_datasets: [dataset, 'nowhere_at_all'] })
  expect(await client.dataset(dataset).exists()).toEqual([false])
})

test('bq_ddl> empties tables and data sets: deletions first, data sets before tables', async () => {
  await rows(`CREATE TABLE ${dataset}.t AS SELECT 1 AS a`)
  await run({ dataset, empty_tables: [{ id: 't', schema: { fields } }] })
  expect(await count('t')).toBe(0)

  await run({ dataset, create_tables: ['u'], empty_datasets: [dataset] })
  expect(await tables()).toEqual(['u'])
})

test('bq_ddl> keeps description, labels and access, which Digdag drops', async () => {
  const access = [{ role: 'OWNER', specialGroup: 'projectOwners' }]
  await run({
    create_datasets: [
      {
        id: `${dataset}_d`,
        description: 'of the day',
        default_table_expiration: '1d 1s',
        labels: { team: 'sales', level: 3 },
        access,
      },
    ],
    create_tables: [
      {
        id: 't',
        dataset: `${dataset}_d`,
        description: 'rows of the day',
        labels: { kind: 'raw' },
        schema: { fields },
        expiration_time: '2040-01-02T03:04:05Z',
        access: [{ role: 'READER', userByEmail: 'analyst@example.com' }],
      },
    ],
  })
  const [made] = await client.dataset(`${dataset}_d`).getMetadata()
  expect(made).toMatchObject({
    description: 'of the day',
    defaultTableExpirationMs: '86401000',
    labels: { team: 'sales', level: '3' },
    access,
  })
  const table = client.dataset(`${dataset}_d`).table('t')
  const [metadata] = await table.getMetadata()
  expect(metadata).toMatchObject({
    description: 'rows of the day',
    labels: { kind: 'raw' },
    expirationTime: String(Date.UTC(2040, 0, 2, 3, 4, 5)),
  })
  expect((await table.getIamPolicy())[0]).toMatchObject({
    bindings: [{ role: 'roles/bigquery.dataViewer', members: ['user:analyst@example.com'] }],
  })
})

test('bq_ddl> goes on in another worker where the last one stopped', async () => {
  const context = taskContext({
    dataset,
    empty_tables: [
      { id: 'first', schema: { fields } },
      { id: 'second', schema: { fields } },
    ],
  })
  const isSecond = ({ method, path }: { method: string; path: string }): boolean =>
    method === 'DELETE' && path.includes('second')
  proxy.inject({ on: isSecond, act: refusal(403, 'accessDenied', 'not you') })
  const ddl = createBqDdl(engineDeps(proxy.url))
  await expect(ddl.run(context)).rejects.toThrow(
    `BigQuery accessDenied: not you\nDelete table ${dataset}.second`,
  )
  await rows(`INSERT INTO ${dataset}.first VALUES (1)`)

  await ddl.run(context.again())
  expect(await count('first')).toBe(1)
  expect(await tables()).toEqual(['first', 'second'])
})

test('bq_ddl> repeats a call that was lost, and stops when it is killed', async () => {
  const isCreation = ({ path }: { path: string }): boolean => path.endsWith('/tables')
  proxy.inject({ on: isCreation, act: { kind: 'lose' } })
  await run({ dataset, create_tables: ['t'] })
  expect(await tables()).toEqual(['t'])

  const killed = taskContext({ dataset, create_tables: ['never'] })
  killed.abort(new CancelledFailure('CANCELLED'))
  await expect(createBqDdl(engineDeps(proxy.url)).run(killed)).rejects.toThrow('CANCELLED')
  expect(await tables()).toEqual(['t'])
})

test('bq_ddl> refuses what it does not understand before it changes anything', async () => {
  const misspelt = { id: 't', shema: { fields } }
  await expect(
    run({ dataset, delete_datasets: [dataset], create_tables: [misspelt] }),
  ).rejects.toThrow("Invalid table reference or configuration: 'shema' is none of id, project,")
  await expect(run({ create_tables: ['t'] })).rejects.toThrow("Either configure 'dataset'")
  await expect(run({ create_tables: [{ id: 't' }] })).rejects.toThrow("Missing 'dataset'")
  await expect(run({ delete_datasets: [{ id: 'x' }] })).rejects.toThrow(
    'Bad dataset reference: {"id":"x"}',
  )
  await expect(run({ create_datasets: [1] })).rejects.toThrow(
    'Invalid dataset reference or configuration: 1',
  )
  expect(await client.dataset(dataset, { projectId }).exists()).toEqual([true])
})
