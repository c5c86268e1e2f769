import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logBeginning } from '#store/logs.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import { isObject } from '#workflows/domain/json.ts'
import { archiveOf, createTestApi, type Answer, type TestApi } from '../testing/api.ts'
import { demo, rejected } from './projects.ts'
import { shapeOf } from './shape.ts'

/** What a real Digdag was asked and answered; a line for each exchange. */
interface Exchange {
  readonly n: number
  readonly step: string
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly url: string
  readonly contentType?: string
  readonly body?: string
  readonly archive?: readonly string[]
  readonly status: number
  readonly answerType?: string
  readonly allow?: string
  readonly answer?: unknown
}

const lines = await readFile(new URL('./digdag.jsonl', import.meta.url), 'utf8')
const exchanges = lines
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Exchange)

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
  80: () => run(lastAttempt, false),
  114: () => run(lastAttempt, true),
  126: () => run(lastAttempt),
  150: () => run(lastAttempt, true),
  157: () => run(lastAttempt, true),
}

let lastAttempt = 0

/** An attempt's tasks and logs; without `success` it is still running. */
async function run(id: number, success?: boolean): Promise<void> {
  const attemptId = id as AttemptId
  const { tasks, logs, attempts } = api.store
  const leaf = (name: string, upstreams: readonly number[]) => ({
    name,
    operator: 'echo',
    config: { 'echo>': name },
    exports: {},
    upstreams,
    children: [],
  })
  const [root, first, group] = await tasks.insert(attemptId, null, [
    {
      name: '+main',
      config: { _export: { greeting: 'hello' } },
      exports: { greeting: 'hello' },
      upstreams: [],
      children: [
        leaf('+first', []),
        { ...leaf('+group', [0]), children: [leaf('+a', []), leaf('+b', [])] },
        leaf('+maybe_fail', [1]),
      ],
    },
  ])
  if (root === undefined || first === undefined || group === undefined) throw new Error('no tasks')
  const below = await tasks.ofAttempt(attemptId)
  for (const task of below.filter(({ fullName }) => fullName !== '+main+group')) {
    await tasks.begin(task.id, { version: 1, retries: 0 })
    const file = await logs.open({
      attemptId,
      taskId: task.id,
      fullName: task.fullName,
      agent: '7517@vm',
    })
    await logs.append(file.id, logBeginning, `line of ${task.fullName}\n`)
  }
  if (success === undefined) return
  for (const task of below) {
    const failed = !success && ['+main', '+main+maybe_fail'].includes(task.fullName)
    await tasks.end(task.id, {
      state: failed ? 'error' : 'success',
      version: 2,
      retries: 0,
      ...(failed ? { error: { message: 'Command failed with code 3', stacktrace: '…' } } : {}),
    })
  }
  await attempts.finish(attemptId, success)
}

test.each(exchanges)('$n $step: $method $url', async (exchange) => {
  await meanwhile[exchange.n]?.()
  const answer = await replay(exchange)
  learn(exchange, answer)
  expect(seen(exchange, answer)).toEqual(expected(exchange, answer))
})

type Body = Readonly<Record<string, unknown>>

async function replay(exchange: Exchange): Promise<Answer<Body>> {
  const { method, url, contentType, body, archive, n } = exchange
  const files = archive === undefined ? undefined : (rejected[n] ?? demo)
  const payload = files === undefined ? body : await archiveOf(files)
  return api.ask<Body>(method, withOurIds(url), {
    ...(contentType === undefined ? {} : { headers: { 'content-type': contentType } }),
    ...(payload === undefined
      ? {}
      : { payload: typeof payload === 'string' ? withOurIds(payload) : payload }),
  })
}

/** Their ids and ours, by what they are of: ours leave gaps elsewhere. */
const ids = new Map<string, string>()

function learn({ method, url, answer }: Exchange, { status, body }: Answer<Body>): void {
  if (status !== 200 || !isObject(answer)) return
  if (method === 'PUT' && url.startsWith('/api/projects?')) note('projects', answer, body)
  if (method === 'PUT' && url === '/api/attempts') {
    note('attempts', answer, body)
    lastAttempt = Number(body['id'])
  }
  if (url.includes('/workflows?')) {
    for (const workflow of answer['workflows'] as readonly Body[]) {
      const twin = (body['workflows'] as readonly Body[]).find(
        ({ name }) => name === workflow['name'],
      )
      if (twin !== undefined) note('workflows', workflow, twin)
    }
  }
}

const note = (noun: string, theirs: Body, ourOwn: Body): unknown =>
  ids.set(`${noun}/${String(theirs['id'])}`, String(ourOwn['id']))

const ourId = (noun: string, id: string): string => ids.get(`${noun}/${id}`) ?? id

const withOurIds = (text: string): string =>
  text
    .replace(/(projects|workflows|attempts)\/(\d+)/g, (_, noun, id) => `${noun}/${ourId(noun, id)}`)
    .replace(/logs\/(\d+)/, (_, id) => `logs/${ourId('attempts', id)}`)
    .replace(/("workflowId": "?)(\d+)/, (_, key, id) => key + ourId('workflows', id))
    .replace(/("attemptId": "?)(\d+)/, (_, key, id) => key + ourId('attempts', id))

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
    shape: comparable ? shapeOf(body, exchange.answer) : fields,
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
    shape: comparable ? shapeOf(exchange.answer, body) : status < 400 ? [] : errorFields,
    ...(sameWords.includes(exchange.n) ? { words: words(exchange.answer) } : {}),
    ...(sameTimes.includes(exchange.n) ? { times: times(exchange.answer) } : {}),
  }
}
