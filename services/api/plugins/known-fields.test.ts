import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestApi, type TestApi } from '../testing/api.ts'

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

let api: TestApi

beforeAll(async () => {
  api = await createTestApi()
  await api.push('shop', 'r1', { 'daily.dig': 'schedule:\n  daily>: 00:00:00\n+a:\n  echo>: hi\n' })
})
afterAll(() => api.close())

test('every GET refuses a parameter that it does not read, and names those that it does', async () => {
  const { paths } = (await api.ask<Document>('GET', '/api/openapi.json')).body
  const reads = Object.entries(paths).flatMap(([path, { get }]) =>
    get === undefined ? [] : [{ path, get }],
  )
  expect(reads.length).toBeGreaterThan(25)
  for (const { path, get } of reads) {
    const url = path.replaceAll(/\{\w+\}/g, '1')
    const { status, body } = await api.ask('GET', `${url}?no_such_parameter=1`)
    expect([url, status, body.code]).toEqual([url, 400, 'PARAMETER_UNKNOWN'])
    expect(body.message).toContain('no_such_parameter')
    const known = (get.parameters ?? []).flatMap((one) => (one.in === 'query' ? one.name : []))
    const words = known.length === 0 ? 'Leave it out' : `There are: ${known.join(', ')}`
    expect(body.message).toContain(words)
  }
})

test.each([
  ['GET', '/api/attempts?stauts=error', 'Did you mean "status"?'],
  ['GET', '/api/attempts?pageSize=5', 'Did you mean "page_size"?'],
  ['GET', '/api/attempts?x=1', 'takes no query parameter "x". There are: project'],
  ['GET', '/api/version?x=1', 'GET /api/version takes no query parameters, and "x" is one'],
  ['PUT', '/api/projects?project=a&revison=b', 'Did you mean "revision"?'],
  ['POST', '/api/attempts/1/kill?force=true', '"force" is one'],
] as const)('%s %s is refused in words', async (method, url, words) => {
  const { status, body } = await api.ask(method, url)
  expect([status, body.code]).toEqual([400, 'PARAMETER_UNKNOWN'])
  expect(body.message).toContain(words)
})

test.each([
  ['PUT', '/api/attempts', { session_time: 'now' }, 'Did you mean "sessionTime"?'],
  ['PUT', '/api/attempts', { retry_attempt_name: 'a' }, 'Did you mean "retryAttemptName"?'],
  ['PUT', '/api/attempts', { resume: { mode: 'failed', attempt: 1 } }, '"resume.attempt"'],
  ['PUT', '/api/attempts', { resume: { attempt_id: 1 } }, 'There are in resume: mode, attemptId'],
  ['POST', '/api/schedules/1/skip', { dry_run: true }, 'Did you mean "dryRun"?'],
  ['POST', '/api/schedules/1/enable', { skip: true }, 'There are: skipSchedule, nextTime'],
  ['POST', '/api/schedules/1/backfill', { name: 'a' }, 'takes no field "name"'],
  ['PUT', '/api/projects/1/secrets/a', { val: 'hush' }, 'There are: value'],
] as const)('%s %s refuses the body %j', async (method, url, payload, words) => {
  const { status, body } = await api.ask(method, url, { payload })
  expect([status, body.code]).toEqual([400, 'FIELD_UNKNOWN'])
  expect(body.message).toContain(words)
  expect(body.message).not.toContain('hush')
})

test('what parameters hold is open, and so is what a browser adds to a page', async () => {
  const payload = {
    project: 'shop',
    workflow: 'daily',
    sessionTime: '2026-01-05',
    params: { anything: { at: ['all'] } },
  }
  expect((await api.ask('PUT', '/api/attempts', { payload })).status).toBe(200)
  expect((await api.ask('GET', '/?utm_source=mail')).status).toBe(200)
})

test('what other clients send besides is taken', async () => {
  for (const url of [
    '/api/projects/1/archive?direct_download=true',
    '/api/logs/1/files?direct_download=True&task=%2Bdaily',
    '/api/sessions/1/attempts?include_retried=true',
    '/api/projects/1/workflows?workflow=daily',
  ]) {
    expect([url, (await api.ask('GET', url)).status]).toEqual([url, 200])
  }
  const { body } = await api.ask<{ workflows: readonly unknown[] }>(
    'GET',
    '/api/projects/1/workflows?workflow=other',
  )
  expect(body.workflows).toEqual([])
})
