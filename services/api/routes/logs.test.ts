import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import type { Static } from 'typebox'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { logBeginning } from '#store/log-place.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Attempt } from '../schemas/attempt.ts'
import type { LogFile } from '../schemas/log.ts'
import { createTestApi, type TestApi } from '../testing/api.ts'

type Files = { files: readonly Static<typeof LogFile>[] }

let api: TestApi
let attemptId: AttemptId

beforeAll(async () => {
  api = await createTestApi()
  await api.push('shop', 'r1', { 'daily.dig': '+load:\n  echo>: hi\n' })
  const { body } = await api.ask<Static<typeof Attempt>>('PUT', '/api/attempts', {
    payload: { workflowId: 1, sessionTime: '2026-01-05' },
  })
  attemptId = Number(body.id) as AttemptId
})
afterAll(() => api.close())

test('a log can be read while its task runs, and only grows', async () => {
  const leaf = { exports: {}, config: {}, upstreams: [], children: [] }
  const [root, task] = await api.store.tasks.insert(attemptId, null, [
    { ...leaf, name: '+daily', children: [{ ...leaf, name: '+load', operator: 'echo' }] },
  ])
  if (root === undefined || task === undefined) throw new Error('no tasks')
  const file = await api.store.logs.open({
    attemptId,
    taskId: task.id,
    fullName: '+daily+load',
    agent: '12@worker-1',
  })
  const next = await api.store.logs.append(file.id, logBeginning, 'first line\n')

  const list = `/api/logs/${attemptId}/files`
  const [before] = (await api.ask<Files>('GET', list)).body.files
  expect(before).toMatchObject({ taskName: '+daily+load', agentId: '12@worker-1', direct: null })
  const read = async (query = '') => {
    const name = encodeURIComponent(before?.fileName ?? '')
    const { headers, raw } = await api.ask('GET', `${list}/${name}${query}`)
    expect(headers['content-type']).toBe('application/gzip')
    return gunzipSync(raw).toString()
  }
  expect(await read()).toBe('first line\n')

  await api.store.logs.append(file.id, next, 'second line\n')
  const [after] = (await api.ask<Files>('GET', list)).body.files
  expect(after?.fileName).toBe(before?.fileName)
  expect(after?.fileSize).toBeGreaterThan(before?.fileSize ?? 0)
  expect(await read()).toBe('first line\nsecond line\n')
  expect(await read(`?from=${before?.fileSize}`)).toBe('second line\n')
  expect(await read(`?from=${after?.fileSize}`)).toBe('')
  expect(await read(`?from=${Number.MAX_SAFE_INTEGER}`)).toBe('')
})

test('a beginning that is no number of bytes is refused', async () => {
  for (const from of ['-1', 'x', '1e300']) {
    const { status, body } = await api.ask('GET', `/api/logs/${attemptId}/files/a?from=${from}`)
    expect([from, status]).toEqual([from, 400])
    expect(body.message).toContain('from must be')
  }
})

describe('a log of 64 MB', () => {
  const size = 64 * 2 ** 20
  let url: string
  let read: number
  let ended: boolean

  beforeAll(async () => {
    const [{ id: taskId } = {}] = await api.store.tasks.ofAttempt(attemptId)
    if (taskId === undefined) throw new Error('no task')
    const { id } = await api.store.logs.open({
      attemptId,
      taskId,
      fullName: '+daily+much',
      agent: '12@worker-1',
    })
    await api.database.pool.query(
      `insert into log_chunks (file_id, seq, start, text)
      select $1, n, n * 131072::bigint, (
        select string_agg(md5((n * 4096 + m)::text), '') from generate_series(1, 4096) m
      ) from generate_series(0, 511) n`,
      [id],
    )
    const list = `/api/logs/${attemptId}/files`
    const { body } = await api.ask<Files>('GET', `${list}?task=%2Bdaily%2Bmuch`)
    const address = await api.app.listen({ host: '127.0.0.1', port: 0 })
    url = `${address}${list}/${encodeURIComponent(body.files[0]?.fileName ?? '')}`

    const pieces = api.store.logs.pieces.bind(api.store.logs)
    vi.spyOn(api.store.logs, 'pieces').mockImplementation(async function* (fileId, from) {
      try {
        for await (const piece of pieces(fileId, from)) {
          read += piece.length
          yield piece
        }
      } finally {
        ended = true
      }
    })
  })
  afterAll(() => {
    vi.restoreAllMocks()
  })
  beforeEach(() => {
    read = 0
    ended = false
  })

  const open = async (): Promise<IncomingMessage> => {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage]
    return response
  }

  test('is sent whole', async () => {
    let bytes = 0
    const response = await open()
    for await (const piece of response.pipe(createGunzip())) bytes += (piece as Buffer).length
    expect(bytes).toBe(size)
  }, 60_000)

  test('is read no faster than it is taken, and no further when its reader goes', async () => {
    const response = await open()
    let before = -1
    while (read > before) {
      before = read
      await sleep(500)
    }
    // What the sockets hold, which is several megabytes.
    expect(read).toBeLessThan(size / 2)
    expect(ended).toBe(false)
    response.destroy()
    await vi.waitFor(() => expect(ended).toBe(true), 10_000)
    expect(read).toBeLessThan(size / 2 + 2 ** 20)
  }, 60_000)
})

test.each([
  ['%2Bdaily%2Bload', 1],
  ['+daily+l', 1],
  ['%2Bother', 0],
])('?task=%s finds %i file', async (task, count) => {
  const { body } = await api.ask<Files>('GET', `/api/logs/${attemptId}/files?task=${task}`)
  expect(body.files).toHaveLength(count)
})

test('a file that is not there is named', async () => {
  const { body } = await api.ask('GET', `/api/logs/${attemptId}/files/nope.log.gz`)
  expect(body).toMatchObject({ status: 404 })
  expect(body.message).toContain('nope.log.gz')
})
