import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAttempt, task } from './fixtures.ts'
import type { Store } from './index.ts'
import { logBeginning } from './log-place.ts'
import { createTestDatabase, logText, type TestDatabase } from './testing.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await createTestDatabase()
  store = database.store
})
afterAll(() => database.drop())

/** A file of a task of its own. */
async function newFile(name: string, ageMilliseconds = 0) {
  const attemptId = await newAttempt(store, name)
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  const file = { attemptId, taskId: row!.id, fullName: '+daily', agent: 'w1', ageMilliseconds }
  return store.logs.open(file)
}

async function from(fileId: number, byte: number): Promise<string> {
  let text = ''
  for await (const piece of store.logs.pieces(fileId, byte)) text += piece
  return text
}

/** As the version before wrote it, without the chunk's place. */
const appendAsBefore = (fileId: number, seq: number, text: string) =>
  database.pool.query('insert into log_chunks (file_id, seq, text) values ($1, $2, $3)', [
    fileId,
    seq,
    text,
  ])

test('a log is read in the order of its chunks, and a repeated chunk changes nothing', async () => {
  const attemptId = await newAttempt(store, 'logs')
  const [row] = await store.tasks.insert(attemptId, null, [task('+daily')])
  const { logs } = store
  const file = await logs.open({ attemptId, taskId: row!.id, fullName: '+daily', agent: 'w1' })
  const second = await logs.append(file.id, logBeginning, 'one\0\n')
  await logs.append(file.id, second, 'two\n')
  await logs.append(file.id, second, 'again\n')
  expect(await logText(logs, file.id)).toBe('one\u{FFFD}\ntwo\n')
  const files = await logs.files(attemptId, '+dai')
  expect(files.map(({ id, size }) => [id, size])).toEqual([[file.id, 11]])
  expect(await logs.files(attemptId, '+other')).toEqual([])
})

test('the same run of a task has one file, another run and another task their own', async () => {
  const attemptId = await newAttempt(store, 'runs')
  const rows = await store.tasks.insert(attemptId, null, [task('+a'), task('+b')])
  const open = async (at: number, run: string, text = run): Promise<number> => {
    const { id: taskId, fullName } = rows[at]!
    const file = { attemptId, taskId, fullName, agent: 'w1', run }
    return (await store.logs.openRun(file, text)).id
  }
  const twice = await Promise.all([open(0, '1.0'), open(0, '1.0')])
  expect(twice[0]).toBe(twice[1])
  expect(await open(0, '1.0', 'said otherwise')).toBe(twice[0])
  expect(await logText(store.logs, twice[0])).toBe('1.0')
  const others = [await open(0, '1.1'), await open(1, '1.0')]
  expect(new Set([twice[0], ...others]).size).toBe(3)
})

test('a log is read from any byte on, which never breaks a character', async () => {
  const { id } = await newFile('from')
  const text = 'äb\u{1F600}c\nzweite\n'
  let place = logBeginning
  for (const character of text) place = await store.logs.append(id, place, character)
  const bytes = Buffer.from(text)
  expect(place).toEqual({ seq: Array.from(text).length, start: bytes.length })
  for (let byte = 0; byte <= bytes.length + 1; byte += 1) {
    const rest = bytes.toString('utf8', byte).replace(/^\u{FFFD}+/u, '')
    expect([byte, await from(id, byte)]).toEqual([byte, rest])
  }
})

test('a log of the version before has the same size and is read from the same bytes', async () => {
  const { id, attemptId } = await newFile('before')
  const texts = ['one\n', 'zwölf\n', 'three\n', 'four\n', 'five\n', 'six\n']
  for (const [seq, text] of texts.entries()) await appendAsBefore(id, seq, text)
  const bytes = Buffer.from(texts.join(''))
  expect((await store.logs.files(attemptId)).map(({ size }) => size)).toEqual([bytes.length])
  for (const byte of [0, 1, 4, 5, 12, bytes.length - 1, bytes.length]) {
    expect([byte, await from(id, byte)]).toEqual([byte, bytes.toString('utf8', byte)])
  }
})

test('neither a list of files nor a reader of the end touches the text before', async () => {
  const { id, attemptId } = await newFile('long')
  // 8 MB, as 8,000 lines that were written one by one.
  await database.pool.query(
    `insert into log_chunks (file_id, seq, start, text)
    select $1, n, n * 1000, repeat(md5(n::text), 31) || 'seven..' || chr(10) from generate_series(0, 7999) n`,
    [id],
  )
  await database.pool.query('alter table log_chunks_before set (autovacuum_enabled = false)')
  await database.pool.query('vacuum analyze log_chunks')
  const pagesRead = async (work: () => Promise<unknown>): Promise<number> => {
    const count = async (): Promise<number> => {
      // What a connection has counted arrives a moment later.
      await database.pool.query('select pg_stat_force_next_flush()')
      const { rows } = await database.pool.query<{ pages: number }>(
        `select sum(heap_blks_read + heap_blks_hit)::int as pages from pg_statio_user_tables
        where relname like 'log_chunks%'`,
      )
      return rows[0]!.pages
    }
    const before = await count()
    await work()
    return (await count()) - before
  }
  const listed = await pagesRead(async () => {
    const [file] = await store.logs.files(attemptId)
    expect(file?.size).toBe(8_000_000)
  })
  const tail = await pagesRead(async () => expect(await from(id, 7_998_500)).toHaveLength(1_500))
  const whole = await pagesRead(() => from(id, 0))
  expect(whole).toBeGreaterThan(1_000)
  expect(listed).toBeLessThan(20)
  expect(tail).toBeLessThan(20)
})

test('a large log is read a little at a time, also one in many small chunks', async () => {
  const sizes = async (count: number, length: number, start: string) => {
    const { id } = await newFile(`pieces-${count}-${start}`)
    await database.pool.query(
      `insert into log_chunks (file_id, seq, start, text)
      select $1, n, ${start}, repeat('x', $3) from generate_series(0, $2 - 1) n`,
      [id, count, length],
    )
    const sizes: number[] = []
    for await (const piece of store.logs.pieces(id)) sizes.push(piece.length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count * length)
    return sizes
  }
  for (const start of ['n * $3', 'null']) {
    const large = await sizes(64, 131_072, start)
    expect(Math.max(...large)).toBeLessThan(2 ** 20)
  }
  expect(await sizes(3_000, 20, 'n * $3')).toHaveLength(3)
})

test('a file is as old as its first line', async () => {
  const young = await newFile('young')
  const old = await newFile('old', 60_000)
  expect(young.createdAt.getTime() - old.createdAt.getTime()).toBeGreaterThan(55_000)
})
