import { describe, expect, test } from 'vitest'
import { editDistance, nearest } from './did-you-mean.ts'
import { readDuration } from './duration.ts'
import { compileProject, compileTask, formatProblem, readCalledFile, readRetry } from './index.ts'
import { resolvePath } from './read/paths.ts'
import { typedScalar } from './read/scalar.ts'

const options = { isTimezone: (zone: string) => ['UTC', 'Asia/Tokyo'].includes(zone) }
const compile = (files: Readonly<Record<string, string>>) =>
  compileProject(new Map(Object.entries(files)), options)

// DIGDAG-SPEC 1.1.
test.each([
  ['true', true],
  ['TRUE', 'TRUE'],
  ['yes', 'yes'],
  ['~', null],
  ['', null],
  ['1_000', 1000],
  ['+4', 4],
  ['010', 8],
  ['08', '08'],
  ['0x1F', 31],
  ['0b101', 5],
  ['10:30', '10:30'],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1e3', 1000],
  ['0.5', '0.5'],
  ['2026-01-02', '2026-01-02'],
  ['12345678901234567890', '12345678901234567890'],
])('the plain scalar %j is %j', (text, value) => {
  expect(typedScalar(text)).toEqual(value)
})

describe('!include', () => {
  test('merges where it stands, may come several times, and nests', () => {
    const { workflows, problems } = compile({
      'a.dig': '_export:\n  x: 1\n  !include : p/one.yml\n  !include : p/two.yml\n+t: {echo>: x}\n',
      'p/one.yml': 'x: 2\no: {a: 1}\n',
      'p/two.yml': 'o: {b: 2}\n!include : three.yml\n',
      'p/three.yml': 't: 3\n',
    })
    expect(problems).toEqual([])
    expect(workflows[0]?.root.exports).toEqual({ x: 2, o: { a: 1, b: 2 }, t: 3 })
  })

  test('a mistake in an included file is shown there', () => {
    const { problems } = compile({
      'a.dig': '!include : tasks.yml\n',
      'tasks.yml': '+ok: {echo>: x}\n+not ok: {echo>: x}\n',
    })
    expect(problems.map(({ place }) => [place?.file, place?.line])).toEqual([['tasks.yml', 2]])
  })

  test('a file that includes itself is refused', () => {
    const { problems } = compile({ 'a.dig': '!include : b.yml\n', 'b.yml': '!include : b.yml\n' })
    expect(problems.map(({ code }) => code)).toEqual(['INCLUDE_CYCLE'])
  })

  test('paths stay below the folder of the file that includes', () => {
    expect(resolvePath('p', 'q/../r.yml')).toBe('p/r.yml')
    expect(resolvePath('p', '../r.yml')).toBeUndefined()
    expect(resolvePath('', '/etc/passwd')).toBeUndefined()
  })
})

test('aliases that would make a small file huge are refused', () => {
  const lines = ['_export:', '  a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 8; level += 1) {
    const items = Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')
    lines.push(`  a${level}: &a${level} [${items}]`)
  }
  const { problems } = compile({ 'a.dig': `${lines.join('\n')}\n+t: {echo>: x}\n` })
  expect(problems.map(({ code }) => code)).toContain('TOO_LARGE')
})

test('the mistakes of all files are told at once, each with its place and what to do', () => {
  const { problems, warnings } = compile({
    'a.dig': 'timezone: Asia/Tokio\n+a:\n  ehco>: x\n  +b: {echo>: x}\n',
    'b.dig': '+a: {td>: query.sql}\nshcedule: {daily>: "07:00:00"}\n',
  })
  expect(problems.map(({ code }) => code).sort()).toEqual([
    'OPERATOR_AND_SUBTASKS',
    'OPERATOR_NOT_SUPPORTED',
    'TIMEZONE',
    'UNKNOWN_KEY',
  ])
  expect(warnings.map(({ advice }) => advice)).toEqual(['Did you mean "echo>"?'])
  const told = problems.map(formatProblem).join('\n')
  expect(told).toContain('Did you mean "schedule:"?')
  expect(told).toContain('bq>')
  expect(told).toContain('at a.dig:4:3\n      +b: {echo>: x}\n      ^')
})

test('a mistake in a file for call> is a warning at push, and a refusal when it is called', () => {
  const files = { 'a.dig': '+a: {call>: sub/b.dig}\n', 'sub/b.dig': '+b:\n' }
  const { problems, warnings } = compile(files)
  expect(problems).toEqual([])
  expect(warnings.map(({ place }) => place?.file)).toEqual(['sub/b.dig'])
  const called = readCalledFile(new Map(Object.entries(files)), 'sub/b.dig', options)
  expect(called.mapping).toBeUndefined()
})

test('a called file in a folder runs there', () => {
  const files = new Map([['sub/b.dig', '_export: {_workdir: own}\n+b: {echo>: x}\n']])
  const { mapping } = readCalledFile(files, 'sub/b.dig', options)
  expect(mapping).toMatchObject({ _export: { _workdir: 'sub/own' }, '+b': { 'echo>': 'x' } })
})

test('a task mapping made at run time is compiled like a written one', () => {
  const { task } = compileTask('^sub', { _parallel: true, '+a': { 'echo>': 'x' }, '+b': {} })
  expect(task?.children.map(({ name, operator }) => [name, operator])).toEqual([
    ['+a', 'echo'],
    ['+b', undefined],
  ])
  expect(compileTask('^sub', { 'echo>': 'x', 'sh>': 'y' }).problems[0]?.code).toBe('TWO_OPERATORS')
})

test('a disabled task succeeds without being looked at', () => {
  const { workflows, problems } = compile({ 'a.dig': '+a: {_disable: true, echo>: x, sh>: y}\n' })
  expect(problems).toEqual([])
  expect(workflows[0]?.root.children[0]?.operator).toBeUndefined()
})

// DIGDAG-SPEC 1.7.
test.each([
  [3, { limit: 3, intervalSeconds: 0, growth: 'constant' }],
  ['3', { limit: 3, intervalSeconds: 0, growth: 'constant' }],
  [
    { limit: 2, interval: 10, interval_type: 'Exponential', max_interval: 60 },
    { limit: 2, intervalSeconds: 10, growth: 'exponential', maxIntervalSeconds: 60 },
  ],
])('_retry: %j is read', (written, rule) => {
  expect(readRetry(written)).toEqual(rule)
})

test.each([[true], [{ interval: 3 }], [{ limit: 1, interval_type: 'linear' }], ['often']])(
  '_retry: %j is no rule',
  (written) => {
    expect(readRetry(written)).toEqual(expect.any(String))
  },
)

test.each([
  ['1d 2h 3m 4s', 93_784],
  ['30m', 1_800],
  ['1 H', 3_600],
  ['5', undefined],
  ['', undefined],
  ['-1s', undefined],
])('the duration %j is %j seconds', (text, seconds) => {
  expect(readDuration(text)).toBe(seconds)
})

test('a misspelt word is led to the nearest known one, a strange one to none', () => {
  expect(nearest('for_eahc', ['for_each', 'for_range', 'echo'])).toBe('for_each')
  expect(nearest('kubernetes', ['for_each', 'for_range', 'echo'])).toBeUndefined()
  expect(editDistance('ab', 'ba')).toBe(1)
})

describe('schedule', () => {
  const schedule = (text: string) => compile({ 'a.dig': `schedule: ${text}\n+t: {echo>: x}\n` })

  test('options are read', () => {
    const { workflows } = schedule(
      '{cron>: "42 4 1 * *", delay: 30, skip_delayed_by: 1h, skip_on_overtime: true, start: 2026-04-01}',
    )
    expect(workflows[0]?.schedule).toEqual({
      type: 'cron',
      command: '42 4 1 * *',
      timezone: 'UTC',
      delaySeconds: 30,
      skipOnOvertime: true,
      skipDelayedBySeconds: 3600,
      start: '2026-04-01',
    })
  })

  test.each([
    '{daily>: "07:00"}',
    '{weekly>: "Sunday,09:00:00"}',
    '{monthly>: "32,09:00:00"}',
    '{minutes_interval>: 0}',
    '{cron>: "* * *"}',
    '{dayly>: "07:00:00"}',
    '{daily>: "07:00:00", start: 2026-02-30}',
    '{daily>: "07:00:00", start: 2026-03-02, end: 2026-03-01}',
    '{daily>: "07:00:00", skip_delayed_by: 5}',
    '{daily>: "07:00:00", skip_on_overtme: true}',
    'false',
  ])('%s is refused with advice', (text) => {
    const { problems } = schedule(text)
    expect(problems.map(({ code }) => code)).toEqual(['SCHEDULE'])
    expect(problems[0]?.advice).toMatch(/\w/)
  })
})
