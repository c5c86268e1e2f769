import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { operatorContext, type TestTask } from '../testing/operator-context.ts'
import { createStorageClient } from './client.ts'
import { createGcsWait } from './gcs-wait.ts'
import { storageEngine } from './testing/engine.ts'

const bucket = `waits-${randomUUID().slice(0, 8)}`
const client = storageEngine()
const deps = { client, projectId: 'suiro-test', apiEndpoint: client.apiEndpoint }
const gcsWait = createGcsWait(deps)

const contextOf = (params: object, task: TestTask = {}) =>
  operatorContext(gcsWait, { ...params }, task)
const put = (name: string, text: string): Promise<void> =>
  client.bucket(bucket).file(name).save(text)

beforeAll(async () => {
  await client.createBucket(bucket)
  await put('in/day 1.csv', '1,2\n')
})

test.each([
  ['bucket/object', { _command: `${bucket}/in/day 1.csv` }],
  ['an address', { _command: `gs://${bucket}/in/day 1.csv` }],
  ['two options', { bucket, object: 'in/day 1.csv' }],
  ['defaults below gcs', { gcs: { bucket, object: 'in/day 1.csv' } }],
])('an object that is there is found by %s, and its metadata are stored', async (_, params) => {
  const { stored, resetParams, again } = await gcsWait.run(contextOf(params))
  expect(again).toBeUndefined()
  expect(resetParams).toEqual(['gcs_wait.last_object'])
  expect(stored).toMatchObject({
    gcs_wait: {
      last_object: {
        metadata: {
          ...{ bucket, name: 'in/day 1.csv', size: 4, kind: 'storage#object' },
          generation: expect.any(Number),
          timeCreated: { value: expect.any(Number), dateOnly: false, timeZoneShift: 0 },
        },
      },
    },
  })
})

test('an object that is not there yet is looked for again, ever more rarely', async () => {
  const params = { _command: `${bucket}/late.csv` }
  const context = contextOf(params)
  const waits: unknown[] = []
  for (const polls of [0, 1, 2, 3, 50, 99, 150, 1000]) {
    const polling = contextOf(params, { polls, state: context.state.value })
    waits.push((await gcsWait.run(polling)).again?.afterSeconds)
  }
  expect(waits).toEqual([5, 10, 20, 30, 30, 30, 300, 300])
  expect((await gcsWait.run(context)).again).toEqual({ afterSeconds: 5 })
  expect(context.output()).toBe(`Object '${bucket}/late.csv' does not yet exist\n`)
  await put('late.csv', '')
  expect((await gcsWait.run(context.again({ polls: 1 }))).stored).toBeDefined()
})

test('a timeout ends the wait, counted from the first look on', async () => {
  const params = { _command: `${bucket}/never.csv`, timeout: '1m' }
  const context = contextOf(params)
  expect((await gcsWait.run(context)).again).toEqual({ afterSeconds: 5 })
  const minuteAgo = { wait_start_time_millis: Date.now() - 58_000 }
  const nearly = contextOf(params, { polls: 9, state: minuteAgo })
  expect((await gcsWait.run(nearly)).again).toEqual({ afterSeconds: 2 })
  const late = contextOf(params, { polls: 9, state: { wait_start_time_millis: 1 } })
  await expect(gcsWait.run(late)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: `Object '${bucket}/never.csv' did not come to be within 60 s`,
  })
})

test.each([
  [{}, "Either the gcs_wait operator command or both 'bucket' and 'object' parameters must be set"],
  [{ bucket: 'b' }, "both 'bucket' and 'object' parameters must be set"],
  [{ _command: 'b/o', object: 'o' }, "both 'bucket' and 'object' parameters must be set"],
  [{ _command: 'b' }, 'Illegal GCS URI or path: b'],
  [{ _command: 'gs://b/' }, 'Illegal GCS URI or path: gs://b/'],
])('%j is refused', async (params, message) => {
  await expect(gcsWait.run(contextOf(params))).rejects.toThrow(message)
})

test('a credential that is none is refused without being shown', async () => {
  const secrets = { 'gcp.credential': '{"private_key": "abc' }
  const refused = gcsWait.run(contextOf({ _command: 'b/o' }, { secrets }))
  await expect(refused).rejects.toThrow(
    /^Secret 'gcp.credential' is not the JSON text of a service account's key$/,
  )
})

test('a refusal fails the task; a bad moment of the service does not, unless it lasts', async () => {
  let status = 403
  const server = createServer((_, response) => {
    response.statusCode = status
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ error: { code: status, message: `answer ${status}` } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const apiEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const storage = createStorageClient({ projectId: 'p', apiEndpoint })
  storage.retryOptions.autoRetry = false
  const wait = createGcsWait({ client: storage, projectId: 'p', apiEndpoint })
  const params = { _command: 'b/o' }
  await expect(wait.run(contextOf(params))).rejects.toThrow('Cannot look for gs://b/o: answer 403')
  status = 503
  const context = contextOf(params)
  expect((await wait.run(context)).again).toEqual({ afterSeconds: 5 })
  expect(context.output()).toContain('answer 503; it is tried again')
  const failing = { failing_since_millis: Date.now() - 601_000 }
  const later = wait.run(contextOf(params, { polls: 30, state: failing }))
  await expect(later).rejects.toThrow('Cannot look for gs://b/o: answer 503')
  status = 404
  const healed = contextOf(params, { polls: 30, state: failing })
  expect((await wait.run(healed)).again).toBeDefined()
  expect(healed.state.value).not.toHaveProperty('failing_since_millis')
  server.close()
})
