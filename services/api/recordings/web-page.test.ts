import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readArchive } from '#archive/read.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { isObject } from '#workflows/domain/json.ts'
import { createTestApi, type Answer, type TestApi } from '../testing/api.ts'
import { readExchanges, replay, type Body, type Exchange } from './exchanges.ts'
import { createIds } from './ids.ts'
import { meaningOf } from './meaning.ts'
import { editedInPage, madeInPage, mistakenInPage } from './projects.ts'
import { missingFor } from './read-by-page.ts'
import { shapeOf } from './shape.ts'
import { work } from './worker.ts'

const exchanges = await readExchanges('./digdag-ui.jsonl')
const ids = createIds()

let api: TestApi

beforeAll(async () => {
  // When it was recorded: no session is due while it is replayed.
  api = await createTestApi({ now: () => new Date('2026-11-28T06:57:00Z') })
})
afterAll(() => api.close())

const pushed: Readonly<Record<string, typeof madeInPage>> = {
  'new-project': madeInPage,
  'new-project-refused': mistakenInPage,
  save: editedInPage,
}

let lastAttempt = 0

/** What workers did before a step of the user, as they would have written it. */
const meanwhile = new Map<string, () => Promise<unknown>>([
  ['attempt', () => work(api, lastAttempt, false, ['^failure-alert'])],
  ['attempt-retried', () => work(api, lastAttempt, false)],
  ['attempt-succeeded', () => work(api, lastAttempt, true)],
  ['session-retried', () => work(api, lastAttempt, true)],
  ['attempt-running', () => work(api, lastAttempt)],
  ['attempt-killed', () => api.store.attempts.finish(lastAttempt as AttemptId, false)],
])

test.each(exchanges)('$n $step: $method $url', async (exchange) => {
  await meanwhile.get(exchange.step)?.()
  meanwhile.delete(exchange.step)
  const answer = await replay(api, ids, exchange, pushed[exchange.step])
  learn(exchange, answer)

  expect(answer.status).toBe(exchange.status)
  expect(answer.headers['content-type']).toContain(exchange.answerType)
  if (exchange.answer === undefined) return expectDownload(exchange, answer)
  expect(shapeOf(answer.body, exchange.answer)).toEqual(shapeOf(exchange.answer, answer.body))
  expect(meaningOf(answer.body)).toEqual(meaningOf(exchange.answer))
  expect(missingFor(exchange.url, answer.body)).toEqual([])
})

/** The page unpacks them itself; it would not, had the browser done so already, or came they in several parts. */
async function expectDownload({ url, answerFiles }: Exchange, answer: Answer<Body>): Promise<void> {
  const asked = await api.app.inject({
    url: ids.inText(url),
    headers: { 'accept-encoding': 'gzip, deflate, br, zstd' },
  })
  expect(asked.headers['content-encoding']).toBeUndefined()
  expect(asked.rawPayload).toEqual(answer.raw)
  const text = unzipOnePart(answer.raw).toString()
  const saved = url.includes(firstRevision) ? madeInPage : editedInPage
  expect(answerFiles === undefined ? text : await filesIn(answer.raw)).toEqual(
    answerFiles?.map((name) => [name, saved[name]]) ?? `line of ${taskIn(url)}\n`,
  )
}

const taskIn = (logUrl: string): string => decodeURIComponent(logUrl).replace(/.*\/|@.*/g, '')

async function filesIn(archive: Buffer): Promise<readonly (readonly [string, unknown])[]> {
  const contents = await readArchive(archive, 1024 * 1024)
  return [...contents.keys()].map((name) => [name, contents.get(name)?.toString()])
}

/** The one before the edit. */
const firstRevision = 'revision=45030385-3fe9-4e91-a611-880cc241dd2a'

/** A gzip's text. It ends with its last part's length: with more than one part, pako 1.0 would stop early. */
function unzipOnePart(gzip: Buffer): Buffer {
  const text = gunzipSync(gzip)
  expect(gzip.readUInt32LE(gzip.length - 4)).toBe(text.length)
  return text
}

function learn({ method, url, answer }: Exchange, { status, body }: Answer<Body>): void {
  if (status !== 200 || !isObject(answer)) return
  const [, noun] = /^\/api\/(projects|workflows|attempts|schedules)/.exec(url) ?? []
  if (method === 'PUT' && noun !== undefined) ids.note(noun, answer, body)
  if (method === 'PUT' && noun === 'attempts') lastAttempt = Number(body['id'])
  // The page learns of a revision's workflows one at a time, when they are opened.
  if (/\/workflows\/[a-z]+$/.test(url)) ids.note('workflows', answer, body)
  ids.noteAll('workflows', answer['workflows'], body['workflows'])
  ids.noteAll('schedules', answer['schedules'], body['schedules'], 'nextRunTime')
  ids.noteAll('files', answer['files'], body['files'], 'taskName')
}
