import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { TestTask } from '../testing/operator-context.ts'
import { http, start } from './testing/run.ts'
import { createHttpServer, echo, type Received, type TestServer } from './testing/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await createHttpServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.respond = echo
})

/** What reaches the server when a task of these parameters runs. */
async function sent(params: JsonObject, task: TestTask = {}): Promise<Received> {
  const before = server.received.length
  await http({ _command: `${server.origin}/x`, ...params }, task)
  return server.received[before]!
}

describe('http> sends', () => {
  test('a GET, and stores its status', async () => {
    expect(await http({ _command: `${server.origin}/a?b=c` })).toEqual({
      resetParams: ['http.last_status'],
      stored: { http: { last_status: 200 } },
    })
    const { method, url, body, headers } = server.received.at(-1)!
    expect({ method, url, body }).toEqual({ method: 'GET', url: '/a?b=c', body: '' })
    expect(headers).toMatchObject({ 'user-agent': 'Suiro', 'accept-encoding': 'gzip' })
  })

  test.each(['POST', 'put', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'])(
    '%s',
    async (method) => {
      expect((await sent({ method })).method).toBe(method.toUpperCase())
    },
  )

  test('no method that is none', async () => {
    await expect(sent({ method: 'GET IT' })).rejects.toThrow("Invalid method: 'GET IT'")
    await expect(sent({ method: 'CONNECT' })).rejects.toThrow("Invalid method: 'CONNECT'")
  })

  test.each([
    ['a text', { content: 'hello' }, 'text/plain', 'hello'],
    ['a number', { content: 7 }, 'text/plain', '7'],
    ['a text as JSON', { content: 'hello', content_format: 'json' }, 'application/json', '"hello"'],
    ['an object', { content: { a: [1, 'é'] } }, 'application/json', '{"a":[1,"é"]}'],
    ['a list', { content: [true, null] }, 'application/json', '[true,null]'],
    [
      'a form',
      { content: { a: 'b c', d: 1 }, content_format: 'FORM' },
      'application/x-www-form-urlencoded',
      'a=b+c&d=1',
    ],
    [
      'a type of its own',
      { content: '<x/>', content_type: 'application/xml' },
      'application/xml',
      '<x/>',
    ],
    [
      'a type given as header',
      { content: '<x/>', headers: [{ 'Content-Type': 'text/xml' }] },
      'text/xml',
      '<x/>',
    ],
  ] as const)('%s', async (_, params, type, body) => {
    const received = await sent({ method: 'POST', ...params })
    expect(received.headers['content-type']).toBe(type)
    expect(received.body).toBe(body)
  })

  test('content with a GET too', async () => {
    expect((await sent({ content: 'q' })).body).toBe('q')
  })

  test.each([
    [{ content: 'a', content_format: 'form' }, "Invalid content format for strings: 'form'"],
    [{ content: ['a'], content_format: 'form' }, "Invalid content format for arrays: 'form'"],
    [{ content: { a: 1 }, content_format: 'text' }, "Invalid content format for objects: 'text'"],
    [{ content: 1, content_format: 'xml' }, "Invalid content format for numbers: 'xml'"],
    [{ content: { a: [] }, content_format: 'form' }, "Invalid form content field value: 'a'"],
  ])('no %o', async (params, message) => {
    await expect(sent({ method: 'POST', ...params })).rejects.toThrow(message)
  })

  test('headers, one name as often as it is given', async () => {
    const { rawHeaders } = await sent({
      headers: [{ 'X-Foo': 'bar' }, { 'X-Foo': 'baz' }, { 'User-Agent': 'mine' }, { 'X-N': 1 }],
    })
    expect(rawHeaders.slice(0, rawHeaders.indexOf('accept-encoding'))).toEqual(
      expect.arrayContaining(['X-Foo', 'bar', 'baz', 'User-Agent', 'mine', 'X-N', '1']),
    )
    expect(rawHeaders.filter((name) => name === 'X-Foo')).toHaveLength(2)
  })

  test('no headers that are none', async () => {
    await expect(sent({ headers: ['X-Foo: bar'] })).rejects.toThrow('Invalid header: "X-Foo: bar"')
    await expect(sent({ headers: [{ a: 'b', c: 'd' }] })).rejects.toThrow('Invalid header: {"a"')
    const bad = sent({ headers: [{ 'X-Foo': 'a\nb' }] })
    await expect(bad).rejects.toThrow('Invalid HTTP request: invalid X-Foo header')
    await expect(bad).rejects.toMatchObject({ kind: 'config' })
  })

  test('a query, behind the one of the URI', async () => {
    const url = async (params: JsonObject): Promise<string> => (await sent(params)).url
    expect(await url({ query: { a: 'b c', n: 1 } })).toBe('/x?a=b+c&n=1')
    expect(await url({ query: 'a=b%20c&d' })).toBe('/x?a=b+c&d=')
    expect(await url({ query: '{"a": "é"}' })).toBe('/x?a=%C3%A9')
    const signed = `${server.origin}/x?sig=a%20b%2F~`
    expect(await url({ _command: signed, query: { c: 'd' } })).toBe('/x?sig=a%20b%2F~&c=d')
    await expect(url({ query: { a: [1] } })).rejects.toThrow(
      "Expected string type for key 'a' but got [1] (array)",
    )
  })

  test('nothing to what is no URI of a server', async () => {
    await expect(http({ _command: 'example.com' })).rejects.toThrow("Invalid URI: 'example.com'")
    await expect(http({ _command: 'file:///etc/passwd' })).rejects.toThrow('neither http://')
    await expect(http({ _command: null })).rejects.toThrow("Parameter '_command' is required")
  })

  test('with options below "http" as weaker ones', async () => {
    const defaults = { method: 'POST', content: 'default', headers: [{ 'X-Foo': 'bar' }] }
    const received = await sent({ http: defaults, content: 'own' })
    expect(received).toMatchObject({ method: 'POST', body: 'own', headers: { 'x-foo': 'bar' } })
  })
})

describe('http> follows redirects', () => {
  /** Counts down to /end. */
  const countDown = (status: number): void => {
    server.respond = (request, response) => {
      const left = Number(request.url.slice(1))
      if (!(left > 0)) return echo(request, response)
      return response.writeHead(status, { location: left === 1 ? '/end' : `/${left - 1}` }).end()
    }
  }

  test('up to eight', async () => {
    countDown(302)
    expect(await http({ _command: `${server.origin}/8` })).toMatchObject({
      stored: { http: { last_status: 200 } },
    })
    await expect(http({ _command: `${server.origin}/9` })).rejects.toThrow(
      `Unexpected HTTP status: GET ${server.origin}/9 - 302 Found: more than 8 redirects`,
    )
  })

  test('none when asked to, which is no failure', async () => {
    countDown(302)
    const params = { _command: `${server.origin}/1`, follow_redirects: 'false' }
    expect(await http(params)).toMatchObject({ stored: { http: { last_status: 302 } } })
  })

  test.each([
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'once'],
    [308, 'POST', 'once'],
  ])('with what a %i leaves of a POST', async (status, method, body) => {
    countDown(status)
    await http({ _command: `${server.origin}/1`, method: 'POST', content: 'once' })
    expect(server.received.at(-1)).toMatchObject({ method, body, url: '/end' })
    const type = server.received.at(-1)!.headers['content-type']
    expect(type).toBe(method === 'POST' ? 'text/plain' : undefined)
  })

  test('to the same address too, as after a form', async () => {
    server.respond = (request, response) =>
      request.method === 'POST'
        ? response.writeHead(303, { location: '/job' }).end()
        : echo(request, response)
    await http({ _command: `${server.origin}/job`, method: 'POST' })
    expect(server.received.at(-1)).toMatchObject({ method: 'GET', url: '/job' })
  })

  test('to another server without what is secret', async () => {
    const other = await createHttpServer()
    server.respond = (_, response) =>
      response.writeHead(302, { location: `${other.origin}/y` }).end()
    await http(
      {
        _command: `${server.origin}/x`,
        headers: [{ 'X-Key': '${secret:key}' }, { 'X-Plain': 'p' }, { Cookie: 'c=1' }],
      },
      { secrets: { 'http.authorization': 'Bearer token', key: 'hidden' } },
    )
    await other.close()
    const [first, second] = [server.received.at(-1)!.headers, other.received.at(-1)!.headers]
    expect(first).toMatchObject({ 'x-key': 'hidden', authorization: 'Bearer token', cookie: 'c=1' })
    expect(second).toMatchObject({ 'x-plain': 'p' })
    for (const name of ['x-key', 'authorization', 'cookie']) expect(second).not.toHaveProperty(name)
  })
})

describe('http> keeps secrets', () => {
  const secrets = { 'http.user': 'me', 'http.password': 'pa:ss', key: 'hidden', name: 'k' }

  test('and authorizes itself by them', async () => {
    const basic = await sent({}, { secrets })
    const encoded = Buffer.from('me:pa:ss').toString('base64')
    expect(basic.headers.authorization).toBe(`Basic ${encoded}`)
    const whole = { ...secrets, 'http.authorization': 'Bearer token' }
    expect((await sent({}, { secrets: whole })).headers.authorization).toBe('Bearer token')
    const own = { headers: [{ authorization: 'Bearer ${secret:key}' }] }
    expect((await sent(own, { secrets: whole })).headers.authorization).toBe('Bearer hidden')
  })

  test('which are in URI, query, headers and content, objects among it', async () => {
    const received = await sent(
      {
        _command: `${server.origin}/\${secret:key}`,
        method: 'POST',
        query: { '${secret:name}': '${secret:key}' },
        headers: [{ 'X-${secret:name}': '${secret:key}' }],
        content: { '${secret:name}': ['a ${secret:key}', 1] },
      },
      { secrets },
    )
    expect(received).toMatchObject({ url: '/hidden?k=hidden', body: '{"k":["a hidden",1]}' })
    expect(received.headers['x-k']).toBe('hidden')
    expect((await sent({ query: 'a=${secret:key}' }, { secrets })).url).toBe('/x?a=hidden')
    await expect(sent({ content: '${secret:none}' }, { secrets })).rejects.toThrow(
      "Secret not found for key: 'none'",
    )
  })

  test('out of logs and messages', async () => {
    server.respond = (_, response) => response.writeHead(400).end('bad key hidden')
    const { context, result } = start(
      { _command: `${server.origin}/a?key=\${secret:key}` },
      { secrets },
    )
    await expect(result).rejects.toThrow('HTTP 4XX Client Error: GET http://*** - 400 Bad Request')
    expect(context.said()).toBe('INFO Sending HTTP request: GET http://***\n')
    const byQuery = sent({ query: { a: '${secret:key}' } }, { secrets })
    await expect(byQuery).rejects.toThrow('GET http://*** - 400')
  })

  test('as the whole URI, which wins over the one in the file', async () => {
    const uri = { 'http.uri': `${server.origin}/secret` }
    const { context, result } = start({ _command: `${server.origin}/plain` }, { secrets: uri })
    await result
    expect(server.received.at(-1)!.url).toBe('/secret')
    expect(context.said()).toContain('Sending HTTP request: GET http://***\n')
  })

  test('of a user in the URI', async () => {
    const origin = server.origin.replace('//', '//you:pw%20@')
    const { context, result } = start({ _command: `${origin}/x` })
    await result
    const encoded = Buffer.from('you:pw ').toString('base64')
    expect(server.received.at(-1)!.headers.authorization).toBe(`Basic ${encoded}`)
    expect(context.said()).toContain(`GET ${server.origin}/x\n`)
  })
})
