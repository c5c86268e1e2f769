import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { http, httpCall } from './testing/run.ts'
import { createHttpServer, type TestServer } from './testing/server.ts'

// A task takes no more of an answer than it may keep: neither its length nor its end is the server's to choose.

let server: TestServer
beforeAll(async () => {
  server = await createHttpServer()
})
afterAll(() => server.close())

/** Answers without end, until nobody listens. */
async function pour(response: ServerResponse, piece: Buffer, pauseMs = 0): Promise<void> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (;;) {
      yield piece
      if (pauseMs > 0) await sleep(pauseMs)
    }
  }
  await pipeline(pieces, response).catch(() => undefined)
}

/** By how many bytes the process has grown at its largest. */
async function growthOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss
  let most = before
  const look = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5)
  await run().finally(() => clearInterval(look))
  return most - before
}

const mebibyte = 2 ** 20
const tooLarge = 'Response content too large: more than 262144 > 65536 characters. Let the server'

describe('an answer without end', () => {
  const piece = Buffer.alloc(mebibyte, 'x')
  const gzipped = gzipSync(piece)

  /** Starts to answer in one of the ways, and reports when the connection has gone. */
  const serve = (status: number, headers: Record<string, string>, body: Buffer, pauseMs = 0) => {
    const closed = Promise.withResolvers<void>()
    server.respond = async (_, response) => {
      response.writeHead(status, headers).once('close', closed.resolve)
      await pour(response, body, pauseMs)
    }
    return closed.promise
  }

  test.each([
    ['in chunks', {}, piece],
    ['of a length that is declared', { 'content-length': String(2 ** 40) }, piece],
    ['that unpacks to much more', { 'content-encoding': 'gzip' }, gzipped],
  ])('%s is refused when it is too long to be stored', async (_, headers, body) => {
    for (const run of [http, httpCall]) {
      const closed = serve(200, headers, body)
      const answer = run({ _command: server.origin, store_content: true, timeout: 0 })
      await expect(answer).rejects.toThrow(tooLarge)
      await closed
    }
  })

  test('that comes slowly ends with the time limit', async () => {
    const closed = serve(200, {}, Buffer.from('x'), 20)
    const task = { _command: server.origin, store_content: true, timeout: 1, retry: false }
    await expect(http(task)).rejects.toThrow('no answer within 1 seconds')
    await closed
  })

  test('that nobody keeps is refused too, and little of it is held meanwhile', async () => {
    for (const [headers, body] of [
      [{}, piece],
      [{ 'content-encoding': 'gzip' }, gzipped],
    ] as const) {
      const closed = serve(200, headers, body)
      const growth = await growthOf(() =>
        expect(http({ _command: server.origin, timeout: 0 })).rejects.toThrow(
          'Response content too large: more than 256 MiB. Let the server answer less',
        ),
      )
      await closed
      expect(growth).toBeLessThan(128 * mebibyte)
    }
  }, 60_000)

  test('of a failure is read as far as it is shown', async () => {
    const closed = serve(404, {}, piece)
    const refused = http({ _command: server.origin, timeout: 0 })
    await expect(refused).rejects.toThrow(/HTTP 4XX Client Error: .*404 Not Found: x{200}…$/)
    await closed
  })
})
