import type { Random } from '../random.ts'

/** The part of an OpenAPI document that requests are made from. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly hasBody: boolean
  readonly statuses: readonly string[]
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}
interface Described {
  readonly parameters?: Operation['parameters']
  readonly requestBody?: unknown
  readonly responses: Readonly<Record<string, unknown>>
}

export const operationsOf = ({ paths }: Document): readonly Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      hasBody: requestBody !== undefined,
      statuses: Object.keys(responses),
    })),
  )

// Escaped as they go into an address.
const texts = [
  ...['1', '2', '3', '0', '-1', '1.5', '01', '1e3', '9007199254740991', '9223372036854775808'],
  ...[
    'true',
    'null',
    '',
    '%00',
    'a%00b',
    '%20',
    '%ff',
    '%',
    '%ED%A0%80',
    '%F0%9F%98%80',
    '..',
    '%2f',
  ],
  ...[
    "'%3Bselect%201",
    '%25',
    '_',
    '%5C',
    'shop',
    'a',
    'r1',
    'asc',
    'day',
    'schedule',
    'next_schedule',
  ],
  ...['2026-01-01', '0000-01-01', '0001-01-01T00:00:00Z', '9999-12-31', '9998-12-31T00:00:00Z'],
  ...['1000-01-01', '2026-01-01T00:00:00%2B99:99', '2026-01-01T00:00:00+09:00', 'x'.repeat(3_000)],
]

const values: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    2,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    '1',
    'a',
    'a\0',
    '\ud800',
    'é',
    '+a',
  ],
  ...[[], [1, [2]], {}, { a: { b: 'c' } }, { 'a\0': 1 }, { __proto__: null, constructor: 1 }],
  ...['2026-01-01', '0000-01-01', '9998-12-31T00:00:00Z', 'failed', 'from', 'x'.repeat(70_000)],
]

const bodyFields = [
  ...['workflowId', 'sessionTime', 'params', 'retryAttemptName', 'resume', 'value', 'mode'],
]
/** What is to be done with a schedule: most of it fits, so that what is odd is met. */
const scheduleBody = {
  count: [null, 0, 1, 3, 10_000, 10_001],
  fromTime: [null, '2026-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
  nextTime: [null, '2027-01-01', '2030-01-01T00:00:00+09:00', '9999-12-31T23:59:59Z'],
  nextRunTime: [null, '2030-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
  attemptName: ['again', 'x'.repeat(255), 'a\0', '\ud800'],
  skipSchedule: [null, true, false],
  dryRun: [true, false],
} satisfies Readonly<Record<string, readonly unknown[]>>

export interface RandomRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload?: string
}

export function randomRequest(random: Random, operation: Operation): RandomRequest {
  const { method, parameters, hasBody } = operation
  // Often something that is there.
  const part = (): string => (random.chance(0.25) ? '1' : random.pick(texts) || '1')
  const path = operation.path.replaceAll(/\{\w+\}/g, part)
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && random.chance(2 / 3))
    .map(({ name }) => `${name}=${random.pick(texts)}`)
  const url = query.length === 0 ? path : `${path}?${query.join('&')}`
  if (!hasBody) return { method, url, headers: {} }
  const types = ['application/json', 'application/json', 'application/gzip', 'text/plain', 'x']
  return {
    method,
    url,
    headers: { 'content-type': random.pick(types) },
    payload: operation.path.startsWith('/api/schedules/')
      ? randomScheduleBody(random)
      : randomBody(random),
  }
}

function randomBody(random: Random): string {
  const kind = random.whole(0, 7)
  if (kind === 0) return random.pick(['', '{', '[]', 'null', '"x"', '{"a":1e999}', '\u{FEFF}{}'])
  if (kind === 1) return `{"params":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
  const usual = { workflowId: 1, sessionTime: '2026-01-01', value: 'x' }
  const odd = { [random.pick(bodyFields)]: random.pick(values) }
  const resume = { mode: 'failed', attemptId: random.pick(values), from: random.pick(values) }
  return JSON.stringify({ ...usual, ...odd, ...(kind === 2 ? { resume } : {}) })
}

function randomScheduleBody(random: Random): string {
  if (random.chance(0.2)) return randomBody(random)
  const fields = Object.entries<readonly unknown[]>(scheduleBody)
    .filter(([name]) => name === 'dryRun' || random.chance(0.5))
    .map(([name, fitting]) => [name, random.pick(random.chance(0.9) ? fitting : values)] as const)
  return JSON.stringify(Object.fromEntries(fields))
}
