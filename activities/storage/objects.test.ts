import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { createObjects } from './objects.ts'
import { storageEngine } from './testing/engine.ts'

const bucket = `objects-${randomUUID().slice(0, 8)}`
const storage = storageEngine()
const { writeObject } = createObjects(storage)
const never = new AbortController().signal

const read = async (name: string): Promise<string> => {
  const path = `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`
  return (await fetch(`${storage.apiEndpoint}${path}`)).text()
}

/** Comes after whatever an earlier write has still sent. */
const laterWrite = () => writeObject(`gs://${bucket}/later.csv`, Readable.from(['later']), never)

beforeAll(async () => {
  await storage.createBucket(bucket)
})

test('an object is written from a stream, and its size is answered', async () => {
  const rows = Readable.from(['a,b\n', '1,2\n', '3,ü\n'])
  expect(await writeObject(`gs://${bucket}/day=1/rows.csv`, rows, never)).toEqual({ bytes: 13 })
  expect(await read('day=1/rows.csv')).toBe('a,b\n1,2\n3,ü\n')
})

test('a repeated write replaces the object', async () => {
  const uri = `gs://${bucket}/twice.csv`
  await writeObject(uri, Readable.from(['the first and longer one\n']), never)
  await writeObject(uri, Readable.from(['the second\n']), never)
  expect(await read('twice.csv')).toBe('the second\n')
})

test('a write of some megabytes arrives whole', async () => {
  const line = `${'x'.repeat(99)}\n`
  const lines = Readable.from(
    (function* all() {
      for (let at = 0; at < 50_000; at += 1) yield line
    })(),
  )
  expect(await writeObject(`gs://${bucket}/large.csv`, lines, never)).toEqual({ bytes: 5_000_000 })
  expect((await read('large.csv')).length).toBe(5_000_000)
})

test('a write that is cut off leaves what was there before', async () => {
  const uri = `gs://${bucket}/cut.csv`
  await writeObject(uri, Readable.from(['whole\n']), never)
  const killed = new AbortController()
  const slow = Readable.from(
    (async function* some() {
      yield 'half'
      await sleep(100)
      killed.abort(new Error('killed'))
      await sleep(100)
      yield 'other half'
    })(),
  )
  await expect(writeObject(uri, slow, killed.signal)).rejects.toThrow('killed')
  await laterWrite()
  expect(await read('cut.csv')).toBe('whole\n')
})

test('a source that fails leaves no object', async () => {
  const broken = Readable.from(
    (async function* some() {
      yield 'half'
      await sleep(50)
      throw new Error('the database went away')
    })(),
  )
  const uri = `gs://${bucket}/broken.csv`
  await expect(writeObject(uri, broken, never)).rejects.toThrow(
    `Cannot write ${uri}: the database went away`,
  )
  await laterWrite()
  expect(await storage.bucket(bucket).file('broken.csv').exists()).toEqual([false])
})

test('a bucket that is not there is named', async () => {
  const uri = `gs://${bucket}-missing/x.csv`
  await expect(writeObject(uri, Readable.from(['x']), never)).rejects.toThrow(`Cannot write ${uri}`)
})

test('a URI without an object is refused', async () => {
  await expect(writeObject('gs://bucket', Readable.from(['x']), never)).rejects.toThrow(
    'Expected gs://BUCKET/OBJECT but got gs://bucket',
  )
})
