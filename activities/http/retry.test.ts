import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { CancelledFailure } from '@temporalio/activity'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { http, start } from './testing/run.ts'
import { createHttpServer, type TestServer } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await createHttpServer()
})
afterAll(() => server.close())

const answer = (status: number, body = ''): void => {
  server.respond = (_, response) => response.writeHead(status).end(body)
}

/** An address where nobody listens. */
async function nobody(): Promise<string> {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  taken.close()
  await once(taken, 'close')
  return `http://127.0.0.1:${port}/x`
}

describe('http> fails', () => {
  test('at once when the server refuses, with what it says', async () => {
    answer(400, ' no such thing ')
    await expect(http({ _command: `${server.origin}/x?a=b` })).rejects.toThrow(
      `HTTP 4XX Client Error: GET ${server.origin}/x?a=b - 400 Bad Request: no such thing`,
    )
    answer(404)
    await expect(http({ _command: server.origin, retry: true })).rejects.toThrow(/404 Not Found:$/)
    answer(403, 'x'.repeat(100_000))
    await expect(http({ _command: server.origin })).rejects.toMatchObject({
      kind: 'plain',
      message: expect.stringMatching(/: x{200}…$/),
    })
  })

  test('when what may pass is not tried again', async () => {
    answer(503, 'busy')
    const post = { _command: server.origin, method: 'POST' }
    await expect(http(post)).rejects.toThrow(
      `HTTP 5XX Server Error: POST ${server.origin}/ - 503 Service Unavailable: busy`,
    )
    answer(799)
    await expect(http(post)).rejects.toThrow(`Unexpected HTTP status: POST ${server.origin}/ - 799`)
    const uri = await nobody()
    await expect(http({ _command: uri, retry: false })).rejects.toThrow(
      `HTTP request failed: GET ${uri}: Connection refused`,
    )
    server.respond = (_, response) => response.destroy()
    await expect(http(post)).rejects.toThrow('The connection was closed before the answer')
    server.respond = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setImmediate(() => response.destroy())
    }
    await expect(http(post)).rejects.toThrow('The connection was closed before the answer')
  })

  test('at hosts that are none', async () => {
    const params = { _command: 'http://no.such.host.invalid/', retry: false }
    await expect(http(params)).rejects.toThrow(
      /^HTTP request failed: GET http:\/\/no.such.host.invalid\/: (No such host|The name of the host could not be looked up)$/,
    )
    const secrets = { 'http.uri': 'http://no.such.secret.invalid/' }
    const secret = http({ _command: 'x', retry: false }, { secrets })
    await expect(secret).rejects.toThrow(/^(?!.*no\.such).*http:\/\/\*\*\*/)
  })

  test('without an answer in time', async () => {
    server.respond = () => undefined
    await expect(http({ _command: server.origin, timeout: 1, retry: false })).rejects.toThrow(
      `HTTP request failed: GET ${server.origin}/: no answer within 1 seconds`,
    )
    server.respond = (_, response) => response.writeHead(200).write('the rest never comes')
    await expect(http({ _command: server.origin, timeout: '1', method: 'PUT' })).rejects.toThrow(
      'no answer within 1 seconds',
    )
    await expect(http({ _command: server.origin, timeout: -1 })).rejects.toThrow('Invalid timeout')
  })
})

describe('http> is called again', () => {
  test.each([
    [0, 1],
    [1, 2],
    [4, 16],
    [5, 30],
    [60, 30],
    [5000, 300],
  ])('after poll %i in %i seconds', async (polls, afterSeconds) => {
    answer(500, 'down')
    const { context, result } = start({ _command: server.origin }, { polls })
    expect(await result).toEqual({ again: { afterSeconds } })
    expect(context.said()).toContain(
      `WARN HTTP 5XX Server Error: GET ${server.origin}/ - 500 Server Error: down: retrying in ${afterSeconds} seconds`,
    )
  })

  test('when there was no answer', async () => {
    expect(await http({ _command: await nobody() })).toEqual({ again: { afterSeconds: 1 } })
    answer(500)
    const post = { _command: server.origin, method: 'POST', retry: 'true' }
    expect(await http(post)).toEqual({ again: { afterSeconds: 1 } })
  })

  test('as late as the server wishes, within an hour', async () => {
    const wish = async (retryAfter: string): Promise<unknown> => {
      server.respond = (_, response) => response.writeHead(503, { 'retry-after': retryAfter }).end()
      return (await http({ _command: server.origin })).again?.afterSeconds
    }
    expect(await wish('120')).toBe(120)
    expect(await wish('999999')).toBe(3600)
    expect(await wish(new Date(Date.now() + 600_000).toUTCString())).toBeGreaterThan(500)
    expect(await wish('0')).toBe(1)
    expect(await wish('soon')).toBe(1)
  })

  test.each([408, 429])('at a %i even when it is not to be tried again', async (status) => {
    answer(status)
    const post = { _command: server.origin, method: 'POST' }
    expect(await http(post)).toEqual({ again: { afterSeconds: 1 } })
  })
})

describe('http> that is interrupted', () => {
  const killed = new CancelledFailure('CANCELLED')
  const moved = new CancelledFailure('WORKER_SHUTDOWN')

  /** Runs a task whose server does not answer before `then` has. */
  async function during(method: string, then: (abort: (reason: Error) => void) => void) {
    const arrived = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    server.respond = async (_, response) => {
      arrived.resolve()
      await release.promise
      response.end()
    }
    const { context, result } = start({ _command: server.origin, method, timeout: 0 })
    const ended = result.then(
      () => 'answered',
      (error: unknown) => error,
    )
    await arrived.promise
    then((reason) => context.abort(reason))
    return { ended, release: release.resolve }
  }

  test.each(['GET', 'POST'])('by a kill ends at once: %s', async (method) => {
    const { ended, release } = await during(method, (abort) => abort(killed))
    expect(await ended).toBe(killed)
    release()
  })

  test('by a shutdown is given up when another worker may send it again', async () => {
    const { ended, release } = await during('GET', (abort) => abort(moved))
    expect(await ended).toBe(moved)
    release()
  })

  test('by a shutdown waits for its answer when it may not be sent twice', async () => {
    const { ended, release } = await during('POST', (abort) => abort(moved))
    release()
    expect(await ended).toBe('answered')
  })

  test('by the loss of its worker is not sent twice', async () => {
    answer(200)
    const post = { _command: server.origin, method: 'POST' }
    const { context, result } = start(post, { polls: 2 })
    await result
    const received = server.received.length
    const state = context.state.value
    await expect(http(post, { polls: 2, state })).rejects.toThrow(
      `The worker was lost while it waited for the answer to POST ${server.origin}/`,
    )
    expect(server.received).toHaveLength(received)
    await http(post, { polls: 3, state })
    await http({ ...post, retry: true }, { polls: 2, state })
    expect(server.received).toHaveLength(received + 2)
  })

  test('before it began sends nothing', async () => {
    const received = server.received.length
    const { context, result } = start({ _command: server.origin })
    context.abort(killed)
    await expect(result).rejects.toBe(killed)
    await vi.waitFor(() => expect(server.received).toHaveLength(received))
  })
})
