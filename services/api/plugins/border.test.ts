import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { METHODS } from 'node:http'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTestApi, type TestApi } from '../testing/api.ts'

const lines: string[] = []
let api: TestApi
let id: string
let workflowId: string
let port: number

beforeAll(async () => {
  const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
  api = await createTestApi({ requestTimeoutMillis: 400, logger })
  id = (await api.push('shop', 'r1', { 'a.dig': '+a:\n  echo>: hi\n' })).body.id
  const found = await api.ask<{ id: string }>('GET', '/api/workflow?project=shop&name=a')
  workflowId = found.body.id
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  ;({ port } = api.app.server.address() as AddressInfo)
})
afterAll(() => api.close())

const wrongIds = ['405.9', 'true', '1e0', '0x1', '01', '+1', '-1', '1%0a', '%201', '1,2', '１', '0']
const tooLarge = ['9007199254740993', '99999999999999999999', '1'.repeat(400)]

test.each([...wrongIds, ...tooLarge])('%s is no id: nothing is found by it', async (wrong) => {
  for (const [method, url] of [
    ['GET', `/api/projects/${wrong}`],
    ['DELETE', `/api/projects/${wrong}`],
    ['GET', `/api/attempts/${wrong}`],
    ['POST', `/api/attempts/${wrong}/kill`],
    ['POST', `/api/schedules/${wrong}/disable`],
    ['GET', `/api/sessions/${wrong}`],
    ['GET', `/api/workflows/${wrong}`],
    ['GET', `/api/logs/${wrong}/files`],
  ] as const) {
    const { status, body } = await api.ask(method, encodeURI(decodeURI(url)))
    expect([url, status, body.code]).toEqual([url, 404, 'NOT_FOUND'])
  }
  expect((await api.ask('GET', `/api/projects/${id}`)).status).toBe(200)
  const { status } = await api.ask('GET', `/api/projects?last_id=${encodeURI(decodeURI(wrong))}`)
  expect(status).toBe(400)
})

test.each([1.5, true, null, '1.0', ' 1', [1], {}])('%j is no id in a body', async (wrong) => {
  const answer = await start({ workflowId: wrong })
  expect([answer.status, answer.body.code]).toEqual([400, 'REQUEST_INVALID'])
  expect(answer.body.message).toContain('workflowId')
})

const texts = [
  '/api/projects?name=%00',
  '/api/projects?name_pattern=a%00',
  '/api/project?name=%00',
  '/api/attempts?project=%00',
  '/api/attempts?project=shop&workflow=%00',
  '/api/workflow?project=shop&name=%00',
  '/api/workflow?project=shop&name=a&revision=%00',
  '/api/workflows?name_pattern=%00',
  '/api/logs/1/files?task=%00',
  '/api/projects/1/archive?revision=%00',
  '/api/projects/1/revisions?name=%00',
  '/api/projects/1/workflows/%00',
  '/api/projects/1/sessions?workflow=%00',
  '/api/projects/1/schedules?workflow=%00',
  '/api/logs/1/files/%00',
  '/api/projects?%00=1',
]

test.each(texts)('a NUL is refused in %s', async (url) => {
  const { status, body } = await api.ask('GET', url)
  expect([status, body.code]).toEqual([400, 'REQUEST_INVALID'])
  expect(body.message).toContain('NUL')
})

test.each([
  '/api/projects?name=%ff',
  '/api/projects?name=%ED%A0%80',
  '/api/projects?name=100%',
  '/api/projects/%ff',
])('what is no UTF-8 is refused in %s', async (url) => {
  const { status, body } = await api.ask('GET', url)
  expect(status).toBe(400)
  expect(body).toMatchObject({ status: 400, message: expect.stringContaining('%') })
})

test.each([
  ['NUL', { params: { a: { b: ['x\0'] } } }, 'params.a.b.0'],
  ['NUL', { params: { a: { 'k\0': 1 } } }, 'A key in params.a'],
  ['surrogate', { params: { a: '\ud800' } }, 'params.a'],
  ['surrogate', { params: { '\udfff': 1 } }, 'A key in params'],
  ['NUL', { retryAttemptName: 'a\0b' }, 'retryAttemptName'],
  ['NUL', { sessionTime: '2026-01-01\0' }, 'sessionTime'],
])('a %s in a body is refused, and its place is reported', async (kind, more, place) => {
  const { status, body } = await start(more)
  expect(status).toBe(400)
  expect(body.message).toContain(kind)
  expect(body.message).toContain(place)
})

test('parameters nested too deep, and numbers too large, are refused', async () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
  const send = (params: string) =>
    api.ask('PUT', '/api/attempts', {
      headers: { 'content-type': 'application/json' },
      payload: `{"workflowId":${workflowId},"sessionTime":"2026-01-02","params":${params}}`,
    })
  expect((await send(nested(50))).status).toBe(200)
  for (const depth of [101, 5_000, 100_000]) {
    const { status, body } = await send(nested(depth))
    expect([status, body.message]).toEqual([400, expect.stringContaining('params')])
    expect(body.message).toContain('nested')
  }
  const { status, body } = await send('{"a":1e999}')
  expect([status, body.message]).toEqual([400, expect.stringContaining('params.a')])
})

test.each([
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '0999-12-31T23:59:59Z',
  '9999-12-31T23:59:59Z',
  '2026-01-01T00:00:00+99:99',
  '2026-01-01T00:00:00+18:01',
  '2026-01-01T00:00:00+09:60',
  '2026-02-30T00:00:00Z',
  '+010000-01-01T00:00:00Z',
])('%s is no time', async (time) => {
  const started = await start({ sessionTime: time })
  expect([started.status, started.body.code]).toEqual([400, 'TIME_INVALID'])
  const from = await api.push(
    'timed',
    'r1',
    { 'a.dig': 'schedule:\n  daily>: 07:00:00\n+a:\n  echo>: x\n' },
    `&schedule_from=${encodeURIComponent(time)}`,
  )
  expect(from.status).toBe(400)
  const url = `/api/workflows/${workflowId}/truncated_session_time?mode=day&session_time=`
  expect((await api.ask('GET', url + encodeURIComponent(time))).status).toBe(400)
})

test('the first and the last time that are taken start an attempt', async () => {
  for (const sessionTime of ['1000-01-01T00:00:00Z', '9998-12-31T23:59:59Z']) {
    expect((await start({ sessionTime })).status).toBe(200)
  }
})

test.each([null, true, 1, ['x'], { a: 1 }])('a secret that is %j is refused', async (value) => {
  const url = `/api/projects/${id}/secrets/k`
  const { status, body } = await api.ask('PUT', url, { payload: { value } })
  expect([status, body.message]).toEqual([400, expect.stringContaining('value')])
  const stored = await api.ask<{ secrets: unknown }>('GET', `/api/projects/${id}/secrets`)
  expect(stored.body.secrets).toEqual([])
})

test('a body that is no JSON or no UTF-8 is refused, and not repeated', async () => {
  const url = `/api/projects/${id}/secrets/k`
  const headers = { 'content-type': 'application/json' }
  for (const payload of ['{"value": hunter2}', '{"value": "hunter2', Buffer.from([0x22, 0xff])]) {
    const { status, body } = await api.ask('PUT', url, { headers, payload })
    expect([status, body.code]).toEqual([400, 'JSON_INVALID'])
    expect(body.message).toMatch(/syntax|too early|UTF-8/)
    expect(JSON.stringify(body)).not.toContain('hunter')
  }
})

test('what nobody foresaw is reported without its words, and the log has it under the reference', async () => {
  const words = 'duplicate key value violates a unique constraint'
  const failing = vi
    .spyOn(api.store.projects, 'list')
    .mockRejectedValueOnce(Object.assign(new Error(words), { code: '23505', severity: 'ERROR' }))
  const { status, body } = await api.ask('GET', '/api/projects')
  failing.mockRestore()
  expect([status, body.code]).toEqual([500, 'INTERNAL'])
  expect(JSON.stringify(body)).not.toContain('duplicate')
  const reference = /[0-9a-f-]{36}$/.exec(body.message ?? '')?.[0] ?? 'none'
  expect(lines.find((line) => line.includes(reference))).toContain(words)
})

const allow = 'allow: GET, HEAD, OPTIONS'

test('every method that Node can read is answered at every path, with those allowed', async () => {
  for (const method of METHODS.filter((name) => !['CONNECT', 'HEAD'].includes(name))) {
    const answer = await raw(
      `${method} /api/version HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
    )
    const allowed = /allow: .*/.exec(answer.head)?.[0]
    const { code } = answer.json
    expect([method, answer.status, code, allowed]).toEqual([
      method,
      ...({ GET: [200, undefined, undefined], OPTIONS: [204, undefined, allow] }[method] ?? [
        405,
        'METHOD_NOT_ALLOWED',
        allow,
      ]),
    ])
  }
})

test.each([
  [403, 'GET /api/version HTTP/1.0\r\n\r\n'],
  [400, 'NONSENSE /api/version HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  [400, 'GET /api/version HTTP/1.1\r\nhost: localhost\r\nbad header\r\n\r\n'],
  [400, 'GET /api/version HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n'],
  [431, `GET /api/version HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
  [
    414,
    `GET /api/projects/${'1'.repeat(2_500)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
  ],
  [400, 'GET /%ff HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'],
  [
    404,
    'QUERY /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx',
  ],
])(
  'a request that reaches no route is %i in the shape of all errors, with its headers',
  async (status, bytes) => {
    const answer = await raw(bytes)
    expect(answer.status).toBe(status)
    expect(Object.keys(answer.json)).toEqual(['message', 'status', 'code'])
    expect(answer.json['status']).toBe(status)
    expect(answer.head).toContain('x-content-type-options: nosniff')
  },
)

test('a body that comes too slowly ends in 408', async () => {
  const answer = await raw(
    'PUT /api/attempts HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{',
  )
  expect([answer.status, answer.json['code']]).toEqual([408, 'REQUEST_TIMEOUT'])
})

test('every answer has the headers that keep pages from framing, sniffing or running it', async () => {
  for (const url of [
    '/',
    '/docs',
    '/docs/static/swagger-ui.css',
    '/api/projects',
    '/nowhere',
    '/api/projects/x',
    `/api/projects/${id}/archive`,
  ]) {
    const { headers } = await api.ask('GET', url)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(
        /default-src 'none'.*frame-ancestors 'none'/,
      ),
    })
  }
  const docs = await api.app.inject({ url: '/docs' })
  // The page's own policy lets it load its files: none of its scripts is in the page itself.
  expect(docs.headers['content-security-policy']).toContain("script-src 'self'; style-src 'self'")
  expect(docs.headers['content-security-policy']).toContain("connect-src 'self'")
  expect(docs.body).not.toMatch(/<script(?![^>]*src=)/)
})

const start = (more: object) =>
  api.ask('PUT', '/api/attempts', {
    payload: JSON.stringify({ workflowId, sessionTime: '2026-01-01', ...more }),
    headers: { 'content-type': 'application/json' },
  })

/** Sends bytes as they are, and reads until the server closes the connection. */
async function raw(bytes: string) {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(10_000, () => socket.destroy(new Error('The server did not close in 10 s')))
  socket.write(bytes)
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n', 2)
  const status = Number(head.split(' ')[1])
  const json = (head.includes('json') ? JSON.parse(body) : {}) as Record<string, unknown>
  return { status, head, json }
}
