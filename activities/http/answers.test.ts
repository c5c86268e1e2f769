import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { http } from './testing/run.ts'
import { createHttpServer, type TestServer } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await createHttpServer()
})
afterAll(() => server.close())

/** What a task stores of an answer. */
async function stored(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  params: JsonObject = {},
): Promise<unknown> {
  server.respond = (_, response) => response.writeHead(200, headers).end(body)
  const result = await http({ _command: server.origin, store_content: true, ...params })
  return (result.stored!['http'] as JsonObject)['last_content']
}

describe('http> stores', () => {
  test('an answer when asked to, and forgets the one before', async () => {
    server.respond = (_, response) => response.writeHead(201).end('done')
    expect(await http({ _command: server.origin, store_content: 'true' })).toEqual({
      resetParams: ['http.last_status', 'http.last_content'],
      stored: { http: { last_status: 201, last_content: 'done' } },
    })
    server.respond = (_, response) => response.writeHead(204).end()
    expect(await http({ _command: server.origin, store_content: true })).toMatchObject({
      stored: { http: { last_status: 204, last_content: '' } },
    })
  })

  test('it in its charset', async () => {
    expect(await stored('é')).toBe('é')
    const latin = { 'content-type': 'text/plain; charset="ISO-8859-1"' }
    expect(await stored(Buffer.from([0xe9]), latin)).toBe('é')
    expect(await stored('é', { 'content-type': 'text/plain; charset=nonsense' })).toBe('é')
  })

  test('it unpacked', async () => {
    expect(await stored(gzipSync('packed'), { 'content-encoding': 'gzip' })).toBe('packed')
    expect(await stored(brotliCompressSync('packed'), { 'content-encoding': 'br' })).toBe('packed')
    const head = { method: 'HEAD' }
    expect(await stored('', { 'content-encoding': 'gzip' }, head)).toBe('')
  })

  test('65,536 characters, however many bytes these are, and no more', async () => {
    const most = 'é'.repeat(65_536)
    expect(await stored(most)).toBe(most)
    await expect(stored(`${most}é`)).rejects.toThrow('Response content too large: 65537 > 65536')
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    await expect(stored(bomb, { 'content-encoding': 'gzip' })).rejects.toThrow(
      'Response content too large: more than 262144 > 65536',
    )
  })

  test('nothing of an answer that nobody wants, of whatever length', async () => {
    server.respond = (_, response) => response.end(Buffer.alloc(5_000_000))
    expect(await http({ _command: server.origin })).toMatchObject({
      stored: { http: { last_status: 200 } },
    })
  })

  test('the status of an answer that is neither success nor failure', async () => {
    server.respond = (_, response) => response.writeHead(304).end()
    expect(await http({ _command: server.origin })).toMatchObject({
      stored: { http: { last_status: 304 } },
    })
  })
})
