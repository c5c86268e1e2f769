import { afterAll, beforeAll, expect, test } from 'vitest'
import { isObject } from '#workflows/domain/json.ts'
import { createTestApi, type Answer, type TestApi } from '../testing/api.ts'
import { readExchanges, replay, type Body, type Exchange } from './exchanges.ts'
import { createIds } from './ids.ts'
import { demo, rejected } from './projects.ts'
import { shapeOf } from './shape.ts'
import { work } from './worker.ts'

const exchanges = await readExchanges('./digdag.jsonl')
const ids = createIds()

/** Where we answer another status, on purpose. */
const otherStatus: ReadonlyMap<number, readonly [status: number, why: string]> = new Map([
  [267, [400, 'a time that cannot be read is a mistake in the request, not a missing page']],
  [289, [404, 'resuming an attempt that does not exist would silently run everything']],
  [325, [200, 'there is no login, so whoever asks may ask this']],
  [320, [400, 'a missing project name is no error of the server']],
])

/** Errors that we say in Digdag's words, apart from numbers. */
const sameWords = [
  52, 108, 157, 181, 246, 249, 256, 258, 260, 266, 270, 273, 278, 279, 286, 287, 288, 291, 301, 303,
  306,
]

/** Attempts that are answered as a conflict; ours say in words that nothing was started. */
const conflicts = [126, 150]

/** Where a schedule goes on, and which sessions a backfill has: the same to the second. */
const sameTimes = [159, 163, 172, 177, 179]

let api: TestApi

beforeAll(async () => {
  // When it was recorded: sessions that were due then are due here.
  api = await createTestApi({ now: () => new Date('2026-11-24T11:52:10Z') })
})
afterAll(() => api.close())

/** What workers did between the exchanges, as they would have written it. */
const meanwhile: Readonly<Record<number, () => Promise<void>>> = {
  80: () => work(api, lastAttempt, false),
  114: () => work(api, lastAttempt, true),
  126: () => work(api, lastAttempt),
  150: () => work(api, lastAttempt, true),
  157: () => work(api, lastAttempt, true),
}

let lastAttempt = 0

test.each(exchanges)('$n $step: $method $url', async (exchange) => {
  await meanwhile[exchange.n]?.()
  const files = exchange.archive === undefined ? undefined : (rejected[exchange.n] ?? demo)
  const answer = await replay(api, ids, exchange, files)
  learn(exchange, answer)
  expect(seen(exchange, answer)).toEqual(expected(exchange, answer))
})

function learn({ method, url, answer }: Exchange, { status, body }: Answer<Body>): void {
  if (status !== 200 || !isObject(answer)) return
  if (method === 'PUT' && url.startsWith('/api/projects?')) ids.note('projects', answer, body)
  if (method === 'PUT' && url === '/api/attempts') {
    ids.note('attempts', answer, body)
    lastAttempt = Number(body['id'])
  }
  if (url.includes('/workflows?')) {
    ids.noteAll('workflows', answer['workflows'], body['workflows'])
  }
}

/** What of an exchange is compared: texts of errors only where they are Digdag's words. */
interface Compared {
  readonly status: number
  readonly allow?: readonly string[]
  readonly gzip?: boolean
  readonly shape: unknown
  readonly words?: string
  readonly times?: unknown
}

const words = (answer: unknown): string =>
  (answer as { message: string }).message.replace(/\d+/g, '0')
const times = (answer: unknown) => {
  const { nextRunTime, nextScheduleTime, attempts = [] } = answer as Body
  const sessions = (attempts as readonly Body[]).map(({ sessionTime, params }) => [
    sessionTime,
    params,
  ])
  return [nextRunTime, nextScheduleTime, ...sessions]
}
const methods = (allow: unknown): readonly string[] => String(allow).split(', ').sort()
function withoutWords({ n }: Exchange, body: Body): Body {
  if (!conflicts.includes(n)) return body
  const { message, ...attempt } = body
  expect(message).toContain('Nothing was started')
  return attempt
}
const errorFields = ['message', 'status', 'code']

function seen(exchange: Exchange, { status, headers, body }: Answer<Body>): Compared {
  const comparable = exchange.answer !== undefined && status === exchange.status
  const fields = status < 400 || body === undefined ? [] : Object.keys(body)
  return {
    status,
    ...(exchange.allow === undefined ? {} : { allow: methods(headers['allow']) }),
    ...(exchange.answerType === 'application/gzip'
      ? { gzip: headers['content-type'] === 'application/gzip' }
      : {}),
    shape: comparable ? shapeOf(withoutWords(exchange, body), exchange.answer) : fields,
    ...(sameWords.includes(exchange.n) ? { words: words(body) } : {}),
    ...(sameTimes.includes(exchange.n) ? { times: times(body) } : {}),
  }
}

function expected(exchange: Exchange, { body }: Answer<Body>): Compared {
  const [status] = otherStatus.get(exchange.n) ?? [exchange.status]
  const comparable = exchange.answer !== undefined && status === exchange.status
  return {
    status,
    ...(exchange.allow === undefined ? {} : { allow: methods(exchange.allow) }),
    ...(exchange.answerType === 'application/gzip' ? { gzip: true } : {}),
    shape: comparable
      ? shapeOf(exchange.answer, withoutWords(exchange, body))
      : status < 400
        ? []
        : errorFields,
    ...(sameWords.includes(exchange.n) ? { words: words(exchange.answer) } : {}),
    ...(sameTimes.includes(exchange.n) ? { times: times(exchange.answer) } : {}),
  }
}
