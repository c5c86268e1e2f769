import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { chosenRuns, chosenSeed, createRandom } from '#harness/random.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'
import { logAttempt, type LoggedAttempt } from '../testing/logged.ts'
import type { LogTry } from '../schemas/log-text.ts'

let api: TestApi
beforeAll(async () => {
  api = await createTestApi()
  await api.push('shop', 'r1', { 'daily.dig': '+load:\n  echo>: hi\n' })
})
afterAll(() => api.close())

const ask = async (attempt: LoggedAttempt, query = '', headers = {}) => {
  const {
    status,
    headers: answered,
    raw,
    body,
  } = await api.ask('GET', `/api/attempts/${attempt.id}/log${query}`, { headers })
  return { status, headers: answered, text: raw.toString(), body }
}
const textOf = async (attempt: LoggedAttempt, query = '') => {
  const { status, headers, text } = await ask(attempt, query)
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(headers['x-content-type-options']).toBe('nosniff')
  return text
}

/** What is at a byte or behind it, from the next character on. */
const cut = (bytes: Buffer, at: number): number => {
  let byte = Math.min(at, bytes.length)
  while (byte < bytes.length && (bytes[byte]! & 0xc0) === 0x80) byte += 1
  return byte
}

test('of one task every part of the text is answered, in whole characters', async () => {
  const random = createRandom(chosenSeed())
  const attempt = await logAttempt(api)
  const task = await attempt.task('+load')
  const characters = ['a', 'ä', '界', '\u{1F600}', '\n', '\r\n', '\u001B[31m', ' ']
  let text = ''
  for (let file = 0; file < 6; file += 1) {
    const log = await attempt.log('+load', task, Math.floor(file / 2))
    if (file > 0 && file % 2 === 0) text += `\n==> try ${file / 2 + 1} <==\n`
    for (let chunk = random.whole(0, 5); chunk > 0; chunk -= 1) {
      const piece = Array.from({ length: random.whole(1, 40) }, () => random.pick(characters))
      await log.write(piece.join(''))
      text += piece.join('')
    }
    // Each has at least one line, so that each try has its heading.
    await log.write(`end ${file}\n`)
    text += `end ${file}\n`
  }
  const bytes = Buffer.from(text)
  const one = `?task_id=${task}`
  expect([random.seed, await textOf(attempt, one)]).toEqual([random.seed, text])

  for (let round = 0; round < chosenRuns(20); round += 1) {
    const from = random.whole(0, bytes.length + 3)
    const count = random.whole(1, bytes.length)
    const start = cut(bytes, from)
    const end = cut(bytes, from + count)
    const part = bytes.toString('utf8', start, end)
    const where = [random.seed, from, count]
    const slice = await ask(attempt, `${one}&offset=${from}&limit=${count}`)
    expect([...where, slice.text]).toEqual([...where, part])
    expect(slice.headers['content-length']).toBe(String(end - start))

    const range = await ask(attempt, one, { range: `bytes=${from}-${from + count - 1}` })
    const [status, which] =
      start < end ? [206, `${start}-${end - 1}/${bytes.length}`] : [416, `*/${bytes.length}`]
    expect([...where, range.status, range.headers['content-range']]).toEqual([
      ...where,
      status,
      `bytes ${which}`,
    ])
    expect(range.text).toContain(part)
    expect(status === 416 || range.text === part).toBe(true)
    const last = await ask(attempt, one, { range: `bytes=-${count}` })
    expect(last.text).toBe(bytes.toString('utf8', cut(bytes, bytes.length - count)))
    const rest = await ask(attempt, `${one}&offset=${from}`)
    expect(rest.text).toBe(bytes.toString('utf8', start))

    const lines = random.whole(0, 30)
    const all = text.split('\n').slice(0, -1)
    const tail = all.slice(Math.max(0, all.length - lines)).map((line) => `${line}\n`)
    const answered = await textOf(attempt, `${one}&tail=${lines}`)
    expect([random.seed, lines, answered]).toEqual([random.seed, lines, tail.join('')])
  }

  await attempt.endTask(task, 2)
  const second = text.split('==> try 2 <==\n')[1]?.split('\n==> try 3 <==\n')[0]
  expect(await textOf(attempt, `${one}&try=2`)).toBe(second)
}, 60_000)

test('HEAD says how much there is, and which parts may be asked for', async () => {
  const attempt = await logAttempt(api)
  const task = await attempt.task('+load')
  const log = await attempt.log('+load', task)
  await log.write('ä\n')
  const head = async (query: string) => {
    const url = `/api/attempts/${attempt.id}/log${query}`
    const { statusCode, headers, rawPayload } = await api.app.inject({ method: 'HEAD', url })
    return { statusCode, headers, bytes: rawPayload.length }
  }
  const one = await head(`?task_id=${task}`)
  expect([one.statusCode, one.bytes]).toEqual([200, 0])
  expect(one.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-length': '3' })
  const many = await head('')
  expect([many.statusCode, many.bytes]).toEqual([200, 0])
  expect(many.headers['accept-ranges']).toBe('none')
  expect(many.headers['content-length']).toBeUndefined()
  const range = await ask(attempt, `?task_id=${task}`, { range: 'bytes=0-1', 'if-range': '"x"' })
  expect([range.status, range.text]).toEqual([200, 'ä\n'])
})

test('a text is not compressed: its bytes are counted, and what is followed may not wait', async () => {
  const attempt = await logAttempt(api)
  const task = await attempt.task('+load')
  const log = await attempt.log('+load', task)
  await log.write('many\n'.repeat(1_000))
  const answer = await ask(attempt, `?task_id=${task}`, { 'accept-encoding': 'gzip' })
  expect(answer.headers['content-encoding']).toBeUndefined()
  expect(answer.text).toHaveLength(5_000)
})

test('several tasks are one text, line by line in the order in which they were written', async () => {
  const attempt = await logAttempt(api)
  const [load, send] = [await attempt.task('+load'), await attempt.task('+send')]
  const first = await attempt.log('+load', load)
  const other = await attempt.log('+send', send)
  await first.write('load 1\nload ')
  await other.write('send 1\n')
  await first.write('2\r\n')
  await other.write('send 2\n')
  const again = await attempt.log('+load', load, 1)
  await again.write('load 3')
  const lines = [
    '+daily+load | load 1\n',
    '+daily+send | send 1\n',
    '+daily+load | load 2\r\n',
    '+daily+send | send 2\n',
    '+daily+load try 2 | load 3\n',
  ]
  expect(await textOf(attempt)).toBe(lines.join(''))
  for (let tail = 0; tail <= 6; tail += 1) {
    const last = tail === 0 ? [] : lines.slice(-tail)
    expect([tail, await textOf(attempt, `?tail=${tail}`)]).toEqual([tail, last.join('')])
  }
  expect(await textOf(attempt, '?task=+daily+send')).toBe([lines[1], lines[3]].join(''))
  expect(await textOf(attempt, '?try=2')).toBe(lines[4])
  expect(await textOf(attempt, `?task_id=${load}`)).toBe(
    'load 1\nload 2\r\n\n==> try 2 <==\nload 3',
  )
})

test('text of the version before counts as written when its file was opened', async () => {
  const attempt = await logAttempt(api)
  const [load, send] = [await attempt.task('+load'), await attempt.task('+send')]
  const old = await attempt.log('+load', load, null)
  await old.write('old 1\n')
  const young = await attempt.log('+send', send)
  await young.write('young\n')
  await old.write('old 2\n')
  await api.database.pool.query(
    'update log_chunks set written_at = null, start = null where file_id = $1',
    [old.fileId],
  )
  expect(await textOf(attempt)).toBe(
    '+daily+load | old 1\n+daily+load | old 2\n+daily+send | young\n',
  )
  expect(await textOf(attempt, `?task_id=${load}&offset=8`)).toBe('d 2\n')
  // Tried once: it is known which try that was.
  expect(await textOf(attempt, `?task_id=${load}&try=1`)).toBe('old 1\nold 2\n')
})

test('hundreds of tasks at a time lose no line, and each keeps its order', async () => {
  const random = createRandom(chosenSeed())
  const attempt = await logAttempt(api)
  const logs = []
  for (let index = 0; index < 100; index += 1) {
    logs.push(await attempt.log(`+t${index}`, await attempt.task(`+t${index}`)))
  }
  const written = logs.map((): string[] => [])
  for (let round = 0; round < 250; round += 1) {
    const index = random.whole(0, logs.length - 1)
    const line = `line ${round}`
    written[index]!.push(line)
    const at = random.whole(0, line.length)
    await logs[index]!.write(line.slice(0, at))
    await logs[index]!.write(`${line.slice(at)}\n`)
  }
  const lines = (await textOf(attempt)).split('\n').slice(0, -1)
  expect([random.seed, lines.length]).toEqual([random.seed, 250])
  for (const [index, own] of written.entries()) {
    const mark = `+daily+t${index} | `
    expect(lines.filter((line) => line.startsWith(mark))).toEqual(own.map((line) => mark + line))
  }
  for (const tail of [1, 64, 249, 251]) {
    const last = (await textOf(attempt, `?tail=${tail}`)).split('\n').slice(0, -1)
    expect([random.seed, tail, last.length]).toEqual([random.seed, tail, Math.min(250, tail)])
    expect(lines).toEqual(expect.arrayContaining(last))
  }
}, 60_000)

test('a search finds what lies across chunks, and says where each line is', async () => {
  const attempt = await logAttempt(api)
  const [load, send] = [await attempt.task('+load'), await attempt.task('+send')]
  const log = await attempt.log('+load', load)
  await log.write('ä nothing\nan Er')
  await log.write('ror here\r\nmore\n')
  const again = await attempt.log('+load', load, 1)
  await again.write('an error, 100%\n')
  const other = await attempt.log('+send', send)
  await other.write('Error at last')

  expect(await textOf(attempt, '?search=Error')).toBe(
    `+daily+load task_id=${load}&offset=11 | an Error here\r\n+daily+send task_id=${send}&offset=0 | Error at last\n`,
  )
  const found = await textOf(attempt, `?task_id=${load}&search=error&ignore_case=true`)
  const places = [...found.matchAll(/(task_id=\d+&offset=\d+) \| (.*)/g)]
  expect(places).toHaveLength(2)
  for (const [, place, line] of places) {
    expect((await textOf(attempt, `?${place}`)).startsWith(line ?? '?')).toBe(true)
  }
  expect(await textOf(attempt, `?task_id=${load}&search=Error&offset=26`)).toBe('')
  expect(await textOf(attempt, `?search=100%25`)).toContain('an error, 100%')
  expect(await textOf(attempt, '?search=nowhere')).toBe('')
  const bounded = await textOf(attempt, '?search=r&max_matches=2')
  expect(bounded.split('\n')).toEqual([
    expect.stringContaining('an Error'),
    expect.stringContaining('more'),
    expect.stringMatching(/^-- 2 lines are shown; the next one is at task_id=\d+&offset=\d+$/),
    '',
  ])
  await attempt.endTask(load, 1)
  const tried = await textOf(attempt, `?task_id=${load}&try=2&search=100`)
  expect(tried).toBe(`+daily+load task_id=${load}&try=2&offset=0 | an error, 100%\n`)
})

test('a line that is longer than several chunks is read, cut and searched', async () => {
  const attempt = await logAttempt(api)
  const task = await attempt.task('+load')
  const log = await attempt.log('+load', task)
  const chunk = 'ä'.repeat(100_000)
  await log.write('first\n')
  for (let n = 0; n < 4; n += 1) await log.write(chunk)
  await log.write('needle\nlast\n')
  const all = `first\n${chunk.repeat(4)}needle\nlast\n`
  expect((await textOf(attempt, `?task_id=${task}`)) === all).toBe(true)
  expect((await textOf(attempt, `?task_id=${task}&tail=2`)) === all.slice(6)).toBe(true)
  const merged = await textOf(attempt)
  expect(merged.replaceAll('\n+daily+load | ', '').includes(`${chunk.repeat(4)}needle`)).toBe(true)
  const found = await textOf(attempt, '?search=needle')
  const [, place = ''] = / (task_id=\d+&offset=\d+) \| /.exec(found) ?? []
  expect((await textOf(attempt, `?${place}`)).slice(0, 1_000)).toContain('needle')
})

test('each try is told, with the size of its text', async () => {
  const attempt = await logAttempt(api)
  const [load, old] = [await attempt.task('+load'), await attempt.task('+old')]
  for (const [retries, text] of [
    [0, 'one\n'],
    [0, 'two\n'],
    [1, 'ä\n'],
  ] as const) {
    await (await attempt.log('+load', load, retries)).write(text)
  }
  await (await attempt.log('+old', old, null)).write('old\n')
  await attempt.endTask(old, 1)
  const url = `/api/attempts/${attempt.id}/log/tries`
  const tries = async (query = '') => {
    const { body } = await api.ask<{ tries: Static<typeof LogTry>[] }>('GET', url + query)
    return body.tries.map(({ taskId, taskName, try: number, size }) => [
      taskId,
      taskName,
      number,
      size,
    ])
  }
  const rows = [
    [String(load), '+daily+load', 1, 8],
    [String(load), '+daily+load', 2, 3],
    [String(old), '+daily+old', null, 4],
  ]
  expect(await tries()).toEqual(rows)
  expect(await tries('?task=+daily+o')).toEqual(rows.slice(2))
  expect(await tries(`?task_id=${load}`)).toEqual(rows.slice(0, 2))
})

test('nothing printed is an empty text', async () => {
  const attempt = await logAttempt(api)
  const task = await attempt.task('+load')
  for (const query of ['', `?task_id=${task}`, '?tail=3', `?task_id=${task}&tail=3`, '?search=x']) {
    expect([query, await textOf(attempt, query)]).toEqual([query, ''])
  }
  const range = await ask(attempt, `?task_id=${task}`, { range: 'bytes=0-' })
  expect([range.status, range.headers['content-range']]).toEqual([416, 'bytes */0'])
  await attempt.end()
  expect(await textOf(attempt, '?follow=true')).toBe('')
})

test('what is not there is named', async () => {
  const attempt = await logAttempt(api)
  const other = await logAttempt(api)
  const task = await attempt.task('+load')
  const refusal = async (of: LoggedAttempt, query: string) => {
    const { status, text } = await ask(of, query)
    return `${status} ${text}`
  }
  expect(await refusal(attempt, '?task=%2Bnope')).toMatch(/^404 .*task \+nope of attempt id=/)
  expect(await refusal(other, `?task_id=${task}`)).toMatch(
    new RegExp(`^404 .*task id=${task} of attempt id=${other.id}`),
  )
  expect(await refusal(attempt, `?task_id=${task}&try=2`)).toMatch(/^404 .*try 2 of task id=/)
  expect(await refusal(attempt, `?task_id=${task}&tail=1&offset=1`)).toMatch(/^400 .*tail/)
  expect(await refusal(attempt, '?offset=1')).toMatch(/^400 .*task_id/)
  const both = await ask(attempt, `?task_id=${task}&tail=1`, { range: 'bytes=0-1' })
  expect([both.status, both.text]).toEqual([400, expect.stringContaining('Range')])
  await api.database.pool.query('update attempts set logs_removed_at = now() where id = $1', [
    attempt.id,
  ])
  expect(await refusal(attempt, '')).toMatch(/^410 .*were removed on/)
})

const opened = async (address: string, path: string): Promise<IncomingMessage> => {
  const [response] = (await once(get(address + path), 'response')) as [IncomingMessage]
  return response.setEncoding('utf8')
}

test('a log is followed until nothing more can be written, and holds no connection meanwhile', async () => {
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 })
  const attempt = await logAttempt(api)
  const [load, send] = [await attempt.task('+load'), await attempt.task('+send')]
  const log = await attempt.log('+load', load)
  await log.write('one\n')
  const path = `/api/attempts/${attempt.id}/log`
  const paths = [
    `${path}?follow=true`,
    `${path}?follow=true&tail=0`,
    `${path}?task_id=${load}&follow=true`,
    `${path}?task_id=${load}&follow=true&offset=2`,
    `${path}?task_id=${load}&try=1&follow=true`,
  ]
  const texts = paths.map(() => '')
  const ended = paths.map(() => false)
  for (const [index, one] of paths.entries()) {
    const response = await opened(address, one)
    response.on('data', (text) => (texts[index] += text)).on('end', () => (ended[index] = true))
  }
  await vi.waitFor(() => expect(texts[0]).toBe('+daily+load | one\n'), 10_000)
  await vi.waitFor(() => expect(texts[3]).toBe('e\n'), 10_000)
  await sleep(700)
  const { pool } = api.database
  // Between two looks; a connection that is held would never come back.
  await expect.poll(() => pool.totalCount - pool.idleCount, { interval: 7 }).toBe(0)

  await log.write('tw')
  await (await attempt.log('+send', send)).write('sent\n')
  await vi.waitFor(() => expect(texts[0]).toContain('+daily+send | sent\n'), 10_000)
  await log.write('o\n')
  await vi.waitFor(() => expect(texts[0]).toContain('+daily+load | two\n'), 10_000)
  const again = await attempt.log('+load', load, 1)
  await again.write('second\n')
  await api.store.tasks.begin(load, { version: 3, retries: 1 })
  await vi.waitFor(() => expect(ended).toEqual([false, false, false, false, true]), 10_000)
  expect(texts[4]).toBe('one\ntwo\n')
  await attempt.endTask(load, 1)
  await vi.waitFor(() => expect(ended).toEqual([false, false, true, true, true]), 10_000)
  expect(texts[2]).toBe('one\ntwo\n\n==> try 2 <==\nsecond\n')
  await attempt.end()
  await vi.waitFor(() => expect(ended).toEqual([true, true, true, true, true]), 10_000)
  const after = ['+daily+send | sent', '+daily+load | two', '+daily+load try 2 | second']
  expect(texts[0]).toBe(['+daily+load | one', ...after, ''].join('\n'))
  expect(texts[1]).toBe([...after, ''].join('\n'))
}, 60_000)

test('a reader that goes away is asked nothing more for, and one that stays delays no stop', async () => {
  const stopping = await createTestApi()
  try {
    await stopping.push('shop', 'r1', { 'daily.dig': '+load:\n  echo>: hi\n' })
    const address = await stopping.app.listen({ host: '127.0.0.1', port: 0 })
    const attempt = await logAttempt(stopping)
    const task = await attempt.task('+load')
    const log = await attempt.log('+load', task)
    for (let n = 0; n < 160; n += 1) await log.write(`${'x'.repeat(131_071)}\n`)
    const { logReader } = stopping.store
    const reads = vi.spyOn(logReader, 'chunks')
    const looks = vi.spyOn(logReader, 'ended')
    const path = `/api/attempts/${attempt.id}/log`

    // Not taken: it is read no further than sockets hold.
    const slow = await opened(address, `${path}?task_id=${task}`)
    let before = -1
    while (reads.mock.calls.length > before) {
      before = reads.mock.calls.length
      await sleep(500)
    }
    expect(before).toBeLessThan(35)
    slow.destroy()

    const left = await opened(address, `${path}?follow=true&tail=1`)
    await once(left, 'data')
    left.destroy()
    await sleep(1_200)
    const quiet = [reads.mock.calls.length, looks.mock.calls.length]
    await sleep(1_200)
    expect([reads.mock.calls.length, looks.mock.calls.length]).toEqual(quiet)

    const staying = await Promise.all(
      [`${path}?follow=true&tail=1`, `${path}?task_id=${task}&follow=true&tail=1`, path].map(
        (one) => opened(address, one),
      ),
    )
    const cutOff = staying.map((one) => once(one, 'error'))
    for (const one of staying.slice(0, 2)) one.resume()
    await stopping.app.close()
    // Told apart from an end: the last chunk is missing.
    for (const one of staying.slice(2)) one.resume()
    for (const [error] of await Promise.all(cutOff))
      expect(error).toMatchObject({ code: 'ECONNRESET' })
  } finally {
    await stopping.close()
  }
}, 60_000)
