import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApi, type TestApi } from './testing/api.ts'

let api: TestApi
beforeAll(async () => {
  api = await createTestApi()
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`w${i}.dig`, '+a:\n  echo>: hi\n']),
  )
  await api.push('shop', 'r1', files)
})
afterAll(() => api.close())

test('an unknown path is 404 in JSON', async () => {
  const { status, body } = await api.ask('GET', '/api/nope?x=1')
  expect(status).toBe(404)
  expect(body).toEqual({
    message: 'There is nothing at GET /api/nope. All paths are listed at /docs',
    status: 404,
    code: 'UNKNOWN_PATH',
  })
})

test('a known path with another method is 405 and says which are allowed', async () => {
  const { status, headers, body } = await api.ask('DELETE', '/api/projects/1/archive')
  expect(status).toBe(405)
  expect(headers['allow']).toBe('GET, HEAD, OPTIONS')
  expect(body.code).toBe('METHOD_NOT_ALLOWED')
  const options = await api.app.inject({ method: 'OPTIONS', url: '/api/attempts' })
  expect(options.statusCode).toBe(204)
  expect(options.headers['allow']).toBe('GET, HEAD, OPTIONS, PUT')
})

test('mistakes in a query name the field, what was expected and what came', async () => {
  const { body } = await api.ask('GET', '/api/projects?count=many&last_id=0')
  expect(body.status).toBe(400)
  expect(body.message).toContain(
    'count must be integer, but is "many" (How many rows; at most 1000)',
  )
  expect(body.message).toContain('last_id must be >= 1, but is 0')
})

test('answers are compressed for those who accept it, and only then', async () => {
  const url = '/api/projects/1/workflows'
  const zipped = await api.ask('GET', url, { headers: { 'accept-encoding': 'gzip, deflate' } })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  const plain = await api.ask<{ workflows: readonly unknown[] }>('GET', url)
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(JSON.parse(String(gunzipSync(zipped.raw)))).toEqual(plain.body)
  expect(plain.body.workflows).toHaveLength(20)
})

test('an archive is not compressed again', async () => {
  const url = '/api/projects/1/archive'
  const { headers } = await api.ask('GET', url, { headers: { 'accept-encoding': 'gzip' } })
  expect(headers['content-encoding']).toBeUndefined()
})

interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
interface Operation {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly responses?: Readonly<Record<string, unknown>>
}

test('OpenAPI describes every path, each with a summary, a tag and its answers', async () => {
  const { body } = await api.ask<OpenApi>('GET', '/api/openapi.json')
  expect(body.openapi).toBe('3.1.0')
  const paths = Object.keys(body.paths)
  for (const path of ['/api/attempts', '/api/attempts/{id}/kill', '/api/projects', '/healthz']) {
    expect(paths).toContain(path)
  }
  const undescribed = Object.entries(body.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(
        ([, { summary, tags, responses }]) => !summary || tags?.length !== 1 || !responses?.['200'],
      )
      .map(([method]) => `${method} ${path}`),
  )
  expect(undescribed).toEqual([])
  expect(Object.keys(body.paths['/api/projects'] ?? {}).sort()).toEqual(['get', 'put'])
})

test('there is a page to try the API, and a first page that leads there', async () => {
  const docs = await api.app.inject({ url: '/docs' })
  expect(docs.statusCode).toBe(200)
  expect(docs.body).toContain('swagger-ui')
  const home = await api.app.inject({ url: '/' })
  expect(home.headers['content-type']).toContain('text/html')
  expect(home.body).toContain('href="/docs"')
})

test('an id that is no number names nothing', async () => {
  const { status, body } = await api.ask('GET', '/api/projects/abc')
  expect(status).toBe(404)
  expect(body.code).toBe('NOT_FOUND')
})
