import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { beforeAll, expect, test } from 'vitest'
import { createObjects } from '../storage/objects.ts'
import { storageEngine } from '../storage/testing/engine.ts'
import { createBqExtract } from './bq-extract.ts'
import { createBqLoad } from './bq-load.ts'
import { taskContext } from './testing/context.ts'
import { createDataset, engineDeps, jobsNamed, projectId, rows } from './testing/engine.ts'

const bucket = `transfer-${randomUUID().slice(0, 8)}`
const storage = storageEngine()
const { writeObject } = createObjects(storage)
const load = createBqLoad(engineDeps())
const extract = createBqExtract(engineDeps())
const schema = {
  fields: [
    { name: 'id', type: 'INTEGER' },
    { name: 'name', type: 'STRING' },
  ],
}
let dataset: string

const write = (name: string, text: string): Promise<unknown> =>
  writeObject(`gs://${bucket}/${name}`, Readable.from([text]), new AbortController().signal)
const people = (table: string) => rows(`SELECT id, name FROM ${dataset}.${table} ORDER BY id`)

beforeAll(async () => {
  dataset = await createDataset()
  await storage.createBucket(bucket)
  await write('in/1.csv', 'id,name\n1,Ada\n')
  await write('in/2.csv', 'id,name\n2,"Bo, too"\n')
})

test('bq_load> loads the objects that were written, whatever their number', async () => {
  const context = taskContext({
    _command: `gs://${bucket}/in/*.csv`,
    dataset,
    destination_table: 'people',
    write_disposition: 'WRITE_TRUNCATE',
    skip_leading_rows: '1',
    schema,
  })
  const { stored } = await load.run(context)
  expect(await people('people')).toEqual([
    { id: 1, name: 'Ada' },
    { id: 2, name: 'Bo, too' },
  ])
  const [id] = await jobsNamed(context.task.fullName.slice(-8))
  const job = `${projectId}:US.${id}`
  expect(stored).toEqual({ bq: { last_job_id: job, last_jobid: job } })
})

test('bq_load> takes a list of URIs, also as JSON text, and defaults from bq', async () => {
  const uris = [`gs://${bucket}/in/1.csv`, `gs://${bucket}/in/2.csv`]
  for (const [table, command] of Object.entries({ listed: uris, json: JSON.stringify(uris) })) {
    const bq = { dataset, skip_leading_rows: 1, schema }
    await load.run(taskContext({ _command: command, destination_table: table, bq }))
    expect(await people(table)).toHaveLength(2)
  }
})

test('bq_load> loads an object as it is now, not as it was', async () => {
  const params = {
    _command: `gs://${bucket}/changing.csv`,
    dataset,
    destination_table: 'changing',
    write_disposition: 'WRITE_TRUNCATE',
    schema,
  }
  await write('changing.csv', '1,old\n')
  await load.run(taskContext(params))
  await write('changing.csv', '1,new\n')
  await load.run(taskContext(params))
  expect(await people('changing')).toEqual([{ id: 1, name: 'new' }])
})

test('bq_load> reads its schema from a JSON or a YAML file', async () => {
  const files = {
    'schema/people.json': JSON.stringify(schema),
    'schema/people.yml': 'fields:\n  - {name: id, type: INTEGER}\n  - {name: name, type: STRING}\n',
    'schema/list.json': JSON.stringify(schema.fields),
    'schema/wrong.yml': '- 1',
    'schema/broken.json': '{',
  }
  const params = (path: string, table: string) => ({
    _command: `gs://${bucket}/in/1.csv`,
    destination_table: `${dataset}.${table}`,
    skip_leading_rows: 1,
    schema: path,
  })
  await load.run(taskContext(params('schema/people.json', 'by_json'), { files }))
  await load.run(taskContext(params('schema/people.yml', 'by_yaml'), { files }))
  expect(await people('by_json')).toEqual(await people('by_yaml'))
  await load.run(taskContext(params('schema/list.json', 'by_list'), { files }))
  expect(await people('by_list')).toEqual(await people('by_json'))
  const fields = { ...params('', 'by_fields'), schema: schema.fields }
  await load.run(taskContext(fields))
  expect(await people('by_fields')).toEqual(await people('by_json'))
  await expect(load.run(taskContext({ ...fields, schema: 5 }))).rejects.toThrow(
    "A schema is an object with 'fields', the list of its fields, or the path",
  )

  const wrong = load.run(taskContext(params('schema/wrong.yml', 'none'), { files }))
  await expect(wrong).rejects.toThrow('holds either, but schema/wrong.yml holds something else')
  const broken = load.run(taskContext(params('schema/broken.json', 'none'), { files }))
  await expect(broken).rejects.toThrow('schema/broken.json cannot be read as a schema')
})

test('bq_load> fails with what BigQuery says of the object', async () => {
  await write('bad.csv', 'x,Ada\n')
  const params = { _command: `gs://${bucket}/bad.csv`, destination_table: `${dataset}.bad`, schema }
  await expect(load.run(taskContext(params))).rejects.toThrow(/^BigQuery invalid\w*: [^]+\njob /)
})

test('bq_load> without a destination, or without an object, says so', async () => {
  await expect(load.run(taskContext({ _command: 'gs://b/x' }))).rejects.toThrow(
    "Parameter 'destination_table' is required but not set",
  )
  const none = taskContext({ _command: null, destination_table: `${dataset}.t` })
  await expect(load.run(none)).rejects.toThrow('bq_load> needs an address in Cloud Storage')
  for (const command of [[], '[]', 'data/x.csv', ['gs://b/x', 'x']]) {
    const wrong = taskContext({ _command: command, destination_table: `${dataset}.t` })
    await expect(load.run(wrong)).rejects.toThrow(/^bq_load> (needs|takes) .*gs:\/\/BUCKET/)
  }
})

test('bq_extract> writes a table where the storage client finds it', async () => {
  await rows(`CREATE TABLE ${dataset}.source AS SELECT 1 AS id, 'Ada' AS name`)
  const run = (params: object) =>
    extract.run(taskContext({ _command: 'source', dataset, ...params }))
  await run({ destination: `gs://${bucket}/out/people-*.csv`, field_delimiter: ';' })
  await run({ destination: [`gs://${bucket}/out/bare.csv`], print_header: 'false' })
  await run({
    destination: `gs://${bucket}/out/people.json`,
    destination_format: 'NEWLINE_DELIMITED_JSON',
  })
  const read = async (name: string): Promise<string> =>
    (
      await fetch(
        `${storage.apiEndpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`,
      )
    ).text()
  expect(await read('out/people-000000000000.csv')).toBe('id;name\n1;Ada\n')
  expect(await read('out/bare.csv')).toBe('1,Ada\n')
  expect(JSON.parse(await read('out/people.json'))).toEqual({ id: 1, name: 'Ada' })
})

test('bq_extract> fails when the bucket is not there', async () => {
  const params = { _command: `${dataset}.source`, destination: `gs://${bucket}-none/x.csv` }
  await expect(extract.run(taskContext(params))).rejects.toThrow(/^BigQuery \w+: .*-none\/x\.csv/)
})
