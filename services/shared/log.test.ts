import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { createLog, readLogLevel, type LogLevel, type LogOptions } from './log.ts'
import { secretsIn } from './log-secrets.ts'

function logTo(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push(line) }
  const log = createLog({ part: 'api', level: 'info', to, ...options })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

test.each(['api', 'worker'] as const)('a line of the %s is JSON with the same fields', (part) => {
  const { log, last } = logTo({ part })
  log.warn({ attempt: 12, task: 345 }, 'what happened')
  expect(Object.keys(last())).toEqual([
    ...['level', 'time', 'part', 'pid', 'hostname', 'attempt', 'task', 'msg'],
  ])
  expect(last()).toMatchObject({ level: 'warn', part, pid: process.pid, msg: 'what happened' })
  expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test.each<[LogLevel, number]>([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['error', 1],
  ['silent', 0],
])('at %s there are %i of four lines', (level, count) => {
  const { log, lines } = logTo({ level })
  for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]({}, 'a line')
  expect(lines).toHaveLength(count)
})

test('the level is info unless it is set; a mistake names what there is', () => {
  const mistakes: string[] = []
  expect(readLogLevel({}, mistakes)).toBe('info')
  expect(readLogLevel({ SUIRO_LOG_LEVEL: ' debug ' }, mistakes)).toBe('debug')
  expect(mistakes).toEqual([])
  readLogLevel({ SUIRO_LOG_LEVEL: 'loud' }, mistakes)
  expect(mistakes).toEqual([
    'SUIRO_LOG_LEVEL must be one of debug, info, warn, error, silent, but is "loud"',
  ])
})

describe('an error', () => {
  test('is said with its kind, code, stack and causes', () => {
    const { log, last } = logTo()
    const cause = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED' })
    log.error({ err: new Error('outer', { cause }) }, 'it failed')
    expect(last()).toMatchObject({
      err: {
        ...{ type: 'Error', message: 'outer', stack: expect.stringContaining('log.test.ts') },
        cause: { type: 'TypeError', message: 'inner', code: 'ECONNREFUSED' },
      },
    })
  })

  test('is said without what was sent, which its other properties hold', () => {
    const { log, lines } = logTo()
    const request = { headers: { authorization: 'Bearer hidden-token' } }
    const error = Object.assign(new Error('403'), { config: request, detail: 'hidden-token' })
    log.error({ err: error }, 'it failed')
    log.error({ err: new Error('above', { cause: error }) }, 'it failed')
    log.error({ err: request }, 'it failed')
    expect(lines).toHaveLength(3)
    expect(lines.join('')).not.toContain('hidden-token')
  })

  test('of a sandbox, or one that causes itself, is said too', () => {
    const { log, last } = logTo()
    log.error({ err: runInNewContext('new RangeError("from inside")') as unknown }, 'it failed')
    expect(last()).toMatchObject({ err: { type: 'RangeError', message: 'from inside' } })
    const round = new Error('round')
    round.cause = round
    log.error({ err: round }, 'it failed')
    expect(last()).toMatchObject({ err: { message: 'round', cause: { message: 'round' } } })
  })
})

describe('a secret of the settings', () => {
  const env = {
    DATABASE_URL: 'postgres://suiro:p%25ss%22word%21@db:5432/suiro',
    SUIRO_SECRET_KEY: 'c2VjcmV0LWtleS1pbi1iYXNlLTY0',
    SUIRO_MAIL_PASSWORD: 'mail-password',
    TEMPORAL_API_KEY: 'temporal-key',
    HTTPS_PROXY: 'http://user:bad%encoding@proxy:3128',
    TEMPORAL_GRPC_META_X_KEY: 'meta-value',
    SUIRO_NOTIFICATION_HTTP_URL: 'https://hooks.example/services/T0/B0/path-token',
    SUIRO_NOTIFICATION_HTTP_HEADERS: '{"Authorization": "Bearer header-token"}',
    SUIRO_PORT: '65432',
    SUIRO_NOTIFICATION_MAIL_PASSWORD: '1234567890',
    SUIRO_HOME: '/var/lib/suiro',
  }

  test.each([
    ['p%25ss%22word%21', 'the password of an address as it is written'],
    ['p%ss"word!', 'the password itself'],
    ['c2VjcmV0LWtleS1pbi1iYXNlLTY0', 'the key'],
    ['mail-password', 'a password'],
    ['temporal-key', 'an API key'],
    ['1234567890', 'a password of digits'],
    ['meta-value', 'a header for Temporal'],
    ['/services/T0/B0/path-token', 'the path of a webhook'],
    ['header-token', 'a header of a webhook'],
    ['bad%encoding', 'what is no encoding'],
  ])('%s is in no line: %s', (secret) => {
    const { log, lines, last } = logTo({ secrets: secretsIn(env) })
    log.info({ at: [{ deep: secret }], number: 1_234_567_890 }, `it is ${secret}.`)
    log.error({ err: new Error(`no ${secret}`) }, 'failed')
    log.child({ text: secret }).warn({}, secret)
    expect(lines).toHaveLength(3)
    const written = JSON.stringify(secret).slice(1, -1)
    for (const line of lines) {
      expect(line).not.toContain(written)
      expect(() => void JSON.parse(line)).not.toThrow()
    }
    expect(last()).toMatchObject({ level: 'warn', part: 'api' })
  })

  test('other settings stay readable', () => {
    const { log, last } = logTo({ secrets: secretsIn(env) })
    log.info({ home: '/var/lib/suiro', port: 65_432 }, 'suiro listens')
    expect(last()).toMatchObject({ home: '/var/lib/suiro', port: 65_432, msg: 'suiro listens' })
  })
})

test('warnings of Node, and the error that ends a process, are lines of its log like others', () => {
  const script = `
    const { createLog, logProcess } = await import('${fileURLToPath(new URL('./log.ts', import.meta.url))}')
    logProcess(createLog({ part: 'worker', level: 'info' }))
    process.emitWarning('look here')
    setTimeout(() => { throw Object.assign(new Error('gone wrong'), { sent: 'hidden-token' }) }, 50)`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script],
    { encoding: 'utf8' },
  )
  const lines = stdout.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 'warn', part: 'worker', msg: 'look here' },
    { level: 'error', part: 'worker', err: { message: 'gone wrong' } },
  ])
  expect(stdout + stderr).not.toContain('hidden-token')
  expect(stderr).toBe('')
  expect(status).toBe(1)
})
