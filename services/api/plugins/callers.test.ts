import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApi, type TestApi } from '../testing/api.ts'
import { knownHosts } from './callers.ts'

let api: TestApi
let id: string

beforeAll(async () => {
  api = await createTestApi()
  const { body } = await api.push('shop', 'r1', {
    'daily.dig': 'schedule:\n  daily>: 07:00:00\n+a:\n  echo>: hi\n',
  })
  id = body.id
})
afterAll(() => api.close())

test.each(['localhost', 'localhost:65432', '127.0.0.1:1', '[::1]:65432', 'SUIRO.example'])(
  'a request to %s is answered',
  async (host) => {
    expect((await api.ask('GET', '/api/version', { headers: { host } })).status).toBe(200)
  },
)

test.each([
  'evil.example',
  'evil.example:65432',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evil@127.0.0.1',
  '127.0.0.1/x',
  '127.0.0.1?x',
  '127.0.0.1 evil',
  '10.0.0.1',
])('a request to %s is refused, also one that only reads', async (host) => {
  for (const url of ['/api/version', '/', '/docs', '/nowhere']) {
    const { status, body } = await api.ask('GET', url, { headers: { host } })
    expect([status, body.code]).toEqual([403, 'HOST_UNKNOWN'])
    expect(body.message).toContain('SUIRO_ALLOWED_HOSTS')
  }
})

test('a page whose name leads here by DNS cannot push', async () => {
  const { status } = await api.ask('PUT', '/api/projects?project=evil&revision=1', {
    headers: {
      host: 'evil.example:65432',
      origin: 'http://evil.example:65432',
      'sec-fetch-site': 'same-origin',
    },
  })
  expect(status).toBe(403)
  expect((await api.ask('GET', '/api/project?name=evil')).status).toBe(404)
})

const foreign: readonly Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'http://evil.example' },
  { origin: 'http://localhost:3000' },
  { origin: 'https://localhost' },
  { origin: 'null' },
  { origin: 'no address' },
]

test.each(foreign)(
  'a change that a page of another origin asks for is refused: %j',
  async (who) => {
    const { host = 'localhost:8080', ...headers } = who
    const before = await schedule()
    const { status, body } = await api.ask('POST', `/api/schedules/${before.id}/disable`, {
      headers: { host, ...headers },
    })
    expect([status, body.code]).toEqual([403, 'ORIGIN_FOREIGN'])
    expect(await schedule()).toEqual(before)
  },
)

test('a page of the same address, a proxy of a known name and a program may change things', async () => {
  const { id: scheduleId } = await schedule()
  for (const headers of [
    {},
    { host: 'localhost:8080', origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' },
    { host: '127.0.0.1', origin: 'https://127.0.0.1' },
    { host: 'localhost:8080', origin: 'https://suiro.example' },
    { 'sec-fetch-site': 'none' },
  ]) {
    const { status } = await api.ask('POST', `/api/schedules/${scheduleId}/enable`, { headers })
    expect(status).toBe(200)
  }
})

test('reading from a page of another origin is left to its browser', async () => {
  const headers = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }
  const answer = await api.ask('GET', '/api/projects', { headers })
  expect(answer.status).toBe(200)
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin')
})

test('it is so on the network too', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.app.server.address() as AddressInfo
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: '/api/version', headers: { host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
        .on('error', reject)
        .end()
    })
  expect(await statusFor(`127.0.0.1:${port}`)).toBe(200)
  expect(await statusFor('evil.example')).toBe(403)
})

test('elsewhere than on loopback every name is answered, unless some are set', () => {
  expect(knownHosts('0.0.0.0', [])).toBeUndefined()
  expect([...(knownHosts('0.0.0.0', ['suiro.example']) ?? [])]).toContain('suiro.example')
  expect([...(knownHosts('::1', []) ?? [])]).toEqual(['localhost', '127.0.0.1', '[::1]'])
  expect([...(knownHosts('127.0.0.9', []) ?? [])]).toContain('127.0.0.9')
})

async function schedule() {
  const url = `/api/projects/${id}/schedules`
  const { body } = await api.ask<{ schedules: readonly { id: string; disabledAt: unknown }[] }>(
    'GET',
    url,
  )
  const [only] = body.schedules
  if (only === undefined) throw new Error('The project has no schedule')
  return only
}
