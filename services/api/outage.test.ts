import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { anyFreePort } from '#services/shared/free-port.ts'
import { createLog } from '#services/shared/log.ts'
import { createTestDatabase, type TestDatabase } from '#store/testing.ts'
import { readConfig } from './config.ts'
import { startApi } from './process.ts'
import { archiveOf } from './testing/api.ts'
import { startRelay, type Relay } from '#harness/faults/relay.ts'
import { createTestTemporal, eventually, type TestTemporal } from './testing/temporal.ts'

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly required?: boolean }[]
  readonly responses: Readonly<Record<string, { readonly headers?: object }>>
}

// The API as it runs, its two servers behind addresses that can go away.
let database: TestDatabase
let temporal: TestTemporal
let databaseRelay: Relay
let temporalRelay: Relay
let api: Awaited<ReturnType<typeof startApi>>
let url: string
let operations: readonly (readonly [method: string, path: string, Operation])[]
let values: Readonly<Record<string, string>>

beforeAll(async () => {
  database = await createTestDatabase()
  temporal = await createTestTemporal()
  const at = new URL(database.url)
  databaseRelay = await startRelay(at.hostname, Number(at.port))
  at.host = `127.0.0.1:${databaseRelay.port}`
  const [host = '', port] = (process.env['TEST_TEMPORAL_ADDRESS'] ?? '').split(':')
  temporalRelay = await startRelay(host, Number(port))
  const own = await anyFreePort('127.0.0.1')
  url = `http://127.0.0.1:${own}`
  api = await startApi(
    readConfig({
      DATABASE_URL: at.href,
      TEMPORAL_ADDRESS: `127.0.0.1:${temporalRelay.port}`,
      TEMPORAL_NAMESPACE: temporal.client.options.namespace,
      SUIRO_PORT: String(own),
      SUIRO_SECRET_KEY: randomBytes(32).toString('base64'),
      SUIRO_EXAMPLES: 'false',
    }),
    createLog({ part: 'api', level: 'silent' }),
  )
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  }
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [method.toUpperCase(), path, operation] as const,
    ),
  )
  const dig = 'schedule:\n  daily>: 07:00:00\n+a:\n  echo>: hi\n'
  await fetch(`${url}/api/projects?project=shop&revision=r1`, {
    method: 'PUT',
    headers: { 'content-type': 'application/gzip' },
    body: new Uint8Array(await archiveOf({ 'a.dig': dig })),
  })
  values = {
    project: 'shop',
    name: 'a',
    workflow: 'a',
    revision: 'r2',
    key: 'k',
    session_time: '2026-01-01',
    fileName: '+a@6b057a24108f2851.1@vm.log.gz',
    id: '1',
  }
  // Its attempt is asked for, whether Temporal takes it or not.
  await ask('PUT', '/api/attempts')
})

afterAll(async () => {
  await api.stop()
  for (const relay of [databaseRelay, temporalRelay]) await relay.close()
  await temporal.close()
  await database.drop()
})

/** What is refused without a body. */
const bodies: Readonly<Record<string, object>> = {
  'PUT /api/attempts': { workflowId: '1', sessionTime: '2026-01-01' },
  'PUT /api/projects/{id}/secrets/{key}': { value: 'x' },
  'POST /api/schedules/{id}/skip': { count: 1, dryRun: false },
  'POST /api/schedules/{id}/backfill': {
    fromTime: '2026-01-01T00:00:00Z',
    attemptName: 'again',
    count: 2,
    dryRun: false,
  },
}

/** Asks for something that is there, whatever the operation needs. */
async function ask(method: string, path: string): Promise<Response> {
  const operation = operations.find(([m, p]) => m === method && p === path)?.[2]
  const query = new URLSearchParams(
    (operation?.parameters ?? []).flatMap(({ name, required }) =>
      required === true && !path.includes(`{${name}}`)
        ? [[name, values[name] ?? '1'] as [string, string]]
        : [],
    ),
  )
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ''),
  )
  const body = bodies[`${method} ${path}`]
  return fetch(`${url}${filled}?${query.toString()}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    ...(path === '/api/projects' && method === 'PUT'
      ? {
          headers: { 'content-type': 'application/gzip' },
          body: new Uint8Array(await archiveOf({ 'a.dig': '+a:\n  echo>: hi\n' })),
        }
      : {}),
  })
}

/** What needs no database. */
const alone = new Set(['/', '/healthz', '/readyz', '/api/version', '/api/version/check'])

test('every route that needs the database answers 503, says so and when to ask again', async () => {
  await databaseRelay.close()
  try {
    for (const [method, path] of operations) {
      if (alone.has(path)) continue
      const answer = await ask(method, path)
      const { code, message } = (await answer.json()) as Record<string, string>
      expect([method, path, answer.status, code]).toEqual([
        method,
        path,
        503,
        'DATABASE_UNAVAILABLE',
      ])
      expect(message).toMatch(/^The database does not answer\. Ask again in a moment/)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    for (const path of ['/healthz', '/api/version']) {
      expect((await fetch(url + path)).status).toBe(200)
    }
  } finally {
    await databaseRelay.open()
  }
  expect((await ask('GET', '/api/projects')).status).toBe(200)
})

test('a request whose connection PostgreSQL ends in the middle is 503 as well', async () => {
  const lock = await database.pool.connect()
  try {
    await lock.query('begin; lock table projects in access exclusive mode')
    const waiting = ask('GET', '/api/projects')
    await eventually(async () => {
      const { rowCount } = await database.pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      )
      if (rowCount === 0) throw new Error('Nobody waits yet')
    })
    expect(await (await waiting).json()).toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  } finally {
    await lock.query('rollback')
    lock.release()
  }
  expect((await ask('GET', '/api/projects')).status).toBe(200)
})

test('without Temporal only what needs it answers 503', async () => {
  await temporalRelay.close()
  try {
    const needed = ['attempts/{id}/kill', 'schedules/{id}/disable', 'schedules/{id}/enable']
    await Promise.all(
      needed.map(async (path) => {
        const answer = await ask('POST', `/api/${path}`)
        expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5'])
        expect(await answer.json()).toMatchObject({ code: 'TEMPORAL_UNAVAILABLE' })
      }),
    )
    for (const path of ['/api/schedules/{id}/backfill', '/api/schedules/{id}/skip']) {
      expect([path, (await ask('POST', path)).status]).toEqual([path, 200])
    }
    for (const [method, path] of operations) {
      if (method !== 'GET' || path === '/readyz') continue
      expect([path, (await ask(method, path)).status < 500]).toEqual([path, true])
    }
  } finally {
    await temporalRelay.open()
  }
  await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200))
})

test('503 and its header are documented for every operation', () => {
  for (const [method, path, { responses }] of operations) {
    if (path === '/readyz') continue
    expect([method, path, responses['503']?.headers]).toMatchObject([
      method,
      path,
      { 'Retry-After': {} },
    ])
  }
})
