import { gzipSync } from 'node:zlib'
import type { Static } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Project, RejectedProject } from '../schemas/project.ts'
import { archiveOf, createTestApi, type TestApi } from '../testing/api.ts'

const maxArchiveBytes = 64 * 1024
let api: TestApi
beforeAll(async () => {
  api = await createTestApi({ maxArchiveBytes })
})
afterAll(() => api.close())

const good = { 'daily.dig': '+a:\n  echo>: hi\n' }
const put = (query: string, payload: Buffer | string, type = 'application/gzip') =>
  api.ask('PUT', `/api/projects?${query}`, { payload, headers: { 'content-type': type } })

test('a pushed project can be read back, byte for byte', async () => {
  const archive = await archiveOf(good)
  const pushed = await put('project=shop&revision=r1', archive)
  expect(pushed.status).toBe(200)
  const { id } = pushed.body as Static<typeof Project>
  const download = await api.ask('GET', `/api/projects/${id}/archive`)
  expect(download.headers['content-type']).toBe('application/gzip')
  expect(download.raw.equals(archive)).toBe(true)
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

test('the message alone tells what, where and how to mend it, as the digdag command prints it', async () => {
  const { body } = await api.push<Static<typeof RejectedProject>>('told', 'r1', {
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
