import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Static } from 'typebox'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { tarGz } from '#archive/pack.ts'
import type { Project, RejectedProject } from '../schemas/project.ts'
import { archiveOf, createTestApi, type TestApi } from '../testing/api.ts'

const maxArchiveBytes = 64 * 1024
let api: TestApi
let big: {
  push(project: string, archive: Buffer): Promise<{ readonly status: number }>
  close(): Promise<void>
}
beforeAll(async () => {
  api = await createTestApi({ maxArchiveBytes })
  const other = await createTestApi()
  big = {
    push: (project, payload) =>
      other.ask('PUT', `/api/projects?project=${project}&revision=r1`, {
        payload,
        headers: { 'content-type': 'application/gzip' },
      }),
    close: () => other.close(),
  }
})
afterAll(async () => {
  await api.close()
  await big.close()
})

const largeDig = (tasks: number): string =>
  Array.from({ length: tasks }, (_, n) => `+t${n}: {echo>: x}\n`).join('')

const good = { 'daily.dig': '+a:\n  echo>: hi\n' }
const put = (query: string, payload: Buffer | string, type = 'application/gzip') =>
  api.ask('PUT', `/api/projects?${query}`, { payload, headers: { 'content-type': type } })

/** Names of the workflows of a project that a push has answered. */
async function workflowsOf(pushed: unknown): Promise<readonly string[]> {
  const { id } = pushed as Static<typeof Project>
  const { body } = await api.ask<{ workflows: { name: string }[] }>(
    'GET',
    `/api/projects/${id}/workflows`,
  )
  return body.workflows.map(({ name }) => name)
}

test('a pushed project can be read back, byte for byte', async () => {
  const archive = await archiveOf(good)
  const pushed = await put('project=shop&revision=r1', archive)
  expect(pushed.status).toBe(200)
  const { id } = pushed.body as Static<typeof Project>
  const download = await api.ask('GET', `/api/projects/${id}/archive`)
  expect(download.headers['content-type']).toBe('application/gzip')
  expect(download.raw.equals(archive)).toBe(true)
})

test('a server that is set so takes operators of other services, with a warning each', async () => {
  const files = { 'daily.dig': '+a: {td>: q.sql}\n+b: {s3_wait>: b/o}\n+c: {echo>: hi}\n' }
  expect((await api.push('moving', 'r1', files)).status).toBe(400)
  const lenient = await createTestApi({ unsupportedOperators: 'warn' })
  onTestFinished(() => lenient.close())
  const { status, body } = await lenient.push('moving', 'r1', files)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    warnings: [
      { code: 'OPERATOR_NOT_SUPPORTED', place: { line: 1 } },
      { code: 'OPERATOR_NOT_SUPPORTED', place: { line: 2 } },
    ],
  })
})

test('all problems of all files are answered at once, with place and advice', async () => {
  const { status, body } = await api.push<Static<typeof RejectedProject>>('bad', 'r1', {
    'a.dig': '+a:\n  echo>: 1\n  sh>: 2\n',
    'b.dig': 'timezone: Mars/X\n+a:\n  echo>: 1\n',
    'c.dig': 'schedule:\n  daily>: "99"\n+a:\n  echo>: 1\n',
  })
  expect(status).toBe(400)
  expect(body.problems?.map(({ place }) => place?.file)).toEqual(
    expect.arrayContaining(['a.dig', 'b.dig', 'c.dig']),
  )
  for (const problem of body.problems ?? []) expect(body.message).toContain(problem.message)
  expect(await api.store.projects.findByName('bad')).toBeUndefined()
})

test('the message alone says what, where and how to fix it, as the digdag command prints it', async () => {
  const { body } = await api.push<Static<typeof RejectedProject>>('reported', 'r1', {
    'a.dig': '+a:\n  echo>: 1\n  sh>: 2\n',
    'b.dig': 'schedule:\n  daily>: "07:00"\n+a: {echo>: x}\n',
  })
  expect(body.message.split('\n')).toEqual([
    'Validating project failed',
    'A task can\'t have more than one operator: {"echo>":1,"sh>":2}',
    '  at a.dig:3:3',
    '      sh>: 2',
    '      ^',
    '  Make a task of its own out of "sh>", or group both: "+a:" with "+first:" and "+second:" below it.',
    'daily> scheduler requires hh:mm:ss format: 07:00',
    '  at b.dig:2:3',
    '      daily>: "07:00"',
    '      ^',
    '  Write for example "daily>: 07:00:00".',
  ])
})

test('what is doubtful is taken, and answered beside the fields of a Digdag project', async () => {
  const { status, body } = await api.push('doubtful', 'r1', {
    'a.dig': '+a:\n  bq>: query.sql\n  destination_tabel: t\n+b: {ehco>: x}\n',
  })
  expect(status).toBe(200)
  expect(body).toMatchObject({ name: 'doubtful', revision: 'r1' })
  expect(body.warnings.map(({ place, advice }) => [place?.line, advice])).toEqual([
    [3, 'Did you mean "destination_table:"?'],
    [4, 'Did you mean "echo>"?'],
  ])
})

test.each([
  ['10,000 levels', `+a: ${'['.repeat(10_000)}`, 'TOO_DEEP'],
  ['a text in UTF-16', Buffer.from('+a: {echo>: x}', 'utf16le').toString(), 'ENCODING'],
  ['aliases without end', '_export: {a: &a [*a]}\n+t: {echo>: x}\n', 'ALIAS'],
  ['an endless include', '!include : a.dig\n', 'INCLUDE_CYCLE'],
  [
    'a zone Temporal does not have',
    'timezone: "+05:15"\nschedule: {daily>: 07:00:00}\n',
    'SCHEDULE',
  ],
])('%s: refused with a place, and the API lives on', async (_, text, code) => {
  const { status, body } = await api.push<Static<typeof RejectedProject>>('hard', 'r1', {
    'a.dig': text,
  })
  expect(status).toBe(400)
  expect(body.problems?.map((problem) => [problem.code, problem.place?.file])).toEqual([
    [code, 'a.dig'],
  ])
  expect(body.problems?.[0]?.advice).toMatch(/\w/)
})

test('a bad revision leaves the previous one in force', async () => {
  await api.push('kept', 'r1', good)
  const { status } = await api.push('kept', 'r2', { 'daily.dig': '+a: [\n' })
  expect(status).toBe(400)
  expect((await api.store.projects.findByName('kept'))?.revision).toBe('r1')
})

test('a revision name can be used once', async () => {
  await api.push('once', 'r1', good)
  const again = await api.push<{ message: string; status: number }>('once', 'r1', good)
  expect(again.body).toMatchObject({ status: 409, code: 'REVISION_EXISTS' })
})

test('archives over the limit are refused, compressed or not', async () => {
  const random = Buffer.from(
    Array.from({ length: maxArchiveBytes + 1 }, (_, i) => (i * 7919) % 251),
  )
  const sent = await put('project=big&revision=r1', random)
  expect(sent.body).toMatchObject({ status: 400, code: 'ARCHIVE_TOO_LARGE' })
  const unpacked = await api.push('big', 'r1', { 'data.txt': '0'.repeat(maxArchiveBytes + 1) })
  expect(unpacked.body).toMatchObject({ status: 400, code: 'ARCHIVE_TOO_LARGE' })
  expect(sent.body.message).toContain(`exceeds limit (${maxArchiveBytes} bytes)`)
})

test('every entry that no run could use is reported, beside the mistakes of the files', async () => {
  const archive = await tarGz([
    [{ name: 'a.dig' }, '+a:\n  echo>: 1\n  sh>: 2\n'],
    [{ name: 'data' }, 'x'],
    [{ name: 'data/b.csv' }, 'x'],
    [{ name: 'sql/link.sql', type: 'symlink', linkname: 'real.sql' }],
    [{ name: 'pipe', type: 'fifo' }],
  ])
  const { status, body } = await put('project=entries&revision=r1', archive)
  expect(status).toBe(400)
  expect(body.message?.split('\n').slice(0, 7)).toEqual([
    'Validating project failed',
    '"data" is both a file and a folder, with "data/b.csv" in it',
    '  Rename one of the two.',
    '"pipe" is a fifo; only files, folders and links can be pushed',
    '  Leave it out of the archive, or pack a plain file.',
    '"sql/link.sql" links to "real.sql", which is not in the archive',
    '  Add the file to the project, or remove the link.',
  ])
  expect(body.message).toContain('at a.dig:3:3')
})

test('a workflow behind a link is a workflow; dot files are none', async () => {
  const dig = '+a: {echo>: hi}\n'
  const archive = await tarGz([
    [{ name: './parts/shared.dig' }, dig],
    [{ name: './case.dig', type: 'symlink', linkname: 'parts/shared.dig' }],
    [{ name: './._case.dig' }, 'Mac OS X'],
    [{ name: './.hidden.dig' }, 'schedule: {daily>: 07:00:00}\n+a: {echo>: hi}\n'],
    [{ name: './.digdag' }, 'x'],
  ])
  const { status, body } = await put('project=linked&revision=r1', archive)
  expect(status).toBe(200)
  expect(await workflowsOf(body)).toEqual(['case'])
})

describe('over a real connection', () => {
  let port: number
  beforeAll(async () => {
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    port = (api.app.server.address() as AddressInfo).port
  })

  test('a client that writes all of too large a body before it reads gets the sentence', async () => {
    const size = 40 * 2 ** 20
    const head = `PUT /api/projects?project=big&revision=r1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/gzip\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`
    const socket = connect(port, '127.0.0.1').pause()
    const broken = once(socket, 'error').then(([error]) => Promise.reject(error as Error))
    const written = (async () => {
      socket.write(head)
      const chunk = Buffer.alloc(2 ** 20)
      for (let sent = 0; sent < size; sent += chunk.length) {
        if (!socket.write(chunk)) await once(socket, 'drain')
      }
    })()
    await Promise.race([written, broken])
    const answer = await Promise.race([text(socket), broken])
    expect(answer).toContain('HTTP/1.1 400')
    expect(answer).toContain(`exceeds limit (${maxArchiveBytes} bytes)`)
  })

  test('other requests are answered while large projects are compiled, one after the other', async () => {
    const large = await archiveOf({ 'large.dig': largeDig(20_000) })
    const pushes = [1, 2, 3].map((n) => big.push(`large${n}`, large))
    const delays: number[] = []
    let compiling = true
    const all = Promise.all(pushes).finally(() => (compiling = false))
    while (compiling) {
      const from = performance.now()
      await setTimeout(1)
      delays.push(performance.now() - from)
    }
    expect((await all).map(({ status }) => status)).toEqual([200, 200, 200])
    // Compiling one of them on the event loop takes a second and more.
    expect(Math.max(...delays)).toBeLessThan(500)
  })
})

test('what is no archive is refused, with the way to make one', async () => {
  expect((await put('project=p&revision=r', 'hello')).body.code).toBe('ARCHIVE_NOT_GZIP')
  expect((await put('project=p&revision=r', gzipSync('hello'))).body.code).toBe('ARCHIVE_DAMAGED')
  const form = await put('project=p&revision=r', 'x', 'application/x-www-form-urlencoded')
  expect(form.body.message).toContain('Content-Type: application/gzip')
})

test.each(['1st', 'a/b', 'x.dig', '', '%2B', 'a'.repeat(256)])(
  'the project name "%s" is refused',
  async (name) => {
    const { body } = await put(`project=${name}&revision=r`, await archiveOf(good))
    expect(body).toMatchObject({ status: 400, code: 'NAME_INVALID' })
  },
)

test('the digdag command, which prints an answer as it came, gets lines, each problem once', async () => {
  const payload = await archiveOf({ 'a.dig': '+a:\n  echo>: 1\n  sh>: 2\n' })
  const push = (more: Record<string, string>) =>
    api.ask('PUT', '/api/projects?project=lines&revision=r1', {
      payload,
      headers: {
        'content-type': 'application/gzip',
        'user-agent': 'DigdagClient/0.10.5.1',
        ...more,
      },
    })
  const { status, headers, raw } = await push({})
  expect([status, headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8'])
  expect(raw.toString().split('\n')).toEqual([
    'Validating project failed',
    'A task can\'t have more than one operator: {"echo>":1,"sh>":2}',
    '  at a.dig:3:3',
    '      sh>: 2',
    '      ^',
    '  Make a task of its own out of "sh>", or group both: "+a:" with "+first:" and "+second:" below it.',
  ])
  // A program that says what it reads gets what every other one gets.
  expect((await push({ accept: 'application/json' })).body).toMatchObject({ status: 400 })
})

test('a workflow may be a link to a file of the project', async () => {
  const archive = await tarGz([
    [{ name: 'parts/real.txt' }, '+a: {echo>: hi}\n'],
    [{ name: 'daily.dig', type: 'symlink', linkname: 'parts/real.txt' }],
  ])
  const { status, body } = await put('project=workflow-link&revision=r1', archive)
  expect(status).toBe(200)
  expect(await workflowsOf(body)).toEqual(['daily'])
})
