import { expect, test } from 'vitest'
import { formatProblem, readCalledFile } from './index.ts'
import { compile, placed } from './testing.ts'

test('workflows are the .dig files of the root, named as the files; dot files are none', () => {
  const { workflows, problems, warnings } = compile({
    'a.dig': '+t: {echo>: x}\n',
    'b-c.dig': '+t: {echo>: x}\n',
    'sub/d.dig': '+t: {echo>: x}\n',
    'e.yml': '- no workflow\n',
    '.dig': '+t: {echo>: x}\n',
    '.hidden.dig': 'schedule: {daily>: 07:00:00}\n+t: {echo>: x}\n',
    '._a.dig': '\0\u0005\u0016\u0007 Mac OS X',
    'sub/._d.dig': '\0',
  })
  expect(workflows.map(({ name }) => name)).toEqual(['a', 'b-c'])
  expect([problems, warnings]).toEqual([[], []])
})

test('the mistakes of all files are reported at once, each with its place and what to do', () => {
  const { problems, warnings } = compile({
    'a.dig': 'timezone: Asia/Tokio\n+a:\n  ehco>: x\n  +b: {echo>: x}\n',
    'b.dig': '+a: {td>: query.sql}\nshcedule: {daily>: "07:00:00"}\n',
    'c.dig': '+a: [\n',
  })
  expect(problems.map(({ code, place }) => `${place?.file} ${code}`).toSorted()).toEqual([
    'a.dig OPERATOR_AND_SUBTASKS',
    'a.dig TIMEZONE',
    'b.dig OPERATOR_NOT_SUPPORTED',
    'b.dig UNKNOWN_KEY',
    'c.dig YAML_SYNTAX',
  ])
  expect(warnings.map(({ advice }) => advice)).toEqual(['Did you mean "echo>"?'])
  const reported = problems.map(formatProblem).join('\n')
  expect(reported).toContain('Did you mean "schedule:"?')
  expect(reported).toContain('bq>')
  expect(reported).toContain('at a.dig:4:3\n      +b: {echo>: x}\n      ^')
})

test('of a line too long to show, the words around the place are shown', () => {
  const [problem] = compile(`{"+a": {"echo>": "${'x'.repeat(1000)}"}, "+b c": {}}`).problems
  expect(problem?.place?.column).toBe(1023)
  expect(problem?.place?.text).toMatch(/^…x+"}, "\+b c": {}}$/)
  expect(formatProblem(problem!).split('\n')).toHaveLength(4)
})

test('a mistake in a file for call> is a warning at push, and a refusal when it is called', () => {
  const files = { 'a.dig': '+a: {call>: sub/b.dig}\n', 'sub/b.dig': '+b:\n' }
  const { problems, warnings } = compile(files)
  expect(problems).toEqual([])
  expect(warnings.map(({ place }) => place?.file)).toEqual(['sub/b.dig'])
  const called = readCalledFile(new Map(Object.entries(files)), 'sub/b.dig', {
    isTimezone: () => true,
  })
  expect(called.mapping).toBeUndefined()
  expect(placed(called.problems)).toEqual(['TASK_EMPTY 1:1'])
})

test('a schedule in a folder never runs, which is reported', () => {
  const { problems, warnings } = compile({
    'sub/b.dig': 'schedule: {daily>: 07:00:00}\nsla: {time: 08:00}\n+b: {echo>: x}\n',
  })
  expect(problems).toEqual([])
  expect(placed(warnings)).toEqual(['DIRECTIVE_IGNORED 1:1', 'DIRECTIVE_IGNORED 2:1'])
})

test('a called file runs without its own schedule, sla and timezone', () => {
  const files = new Map([
    ['b.dig', 'timezone: UTC\nschedule: {daily>: 07:00:00}\nsla: {time: 08:00}\n+b: {echo>: x}\n'],
  ])
  const { mapping } = readCalledFile(files, 'b.dig', { isTimezone: () => true })
  expect(mapping).toEqual({ '+b': { 'echo>': 'x' } })
})

test.each([
  ['+b: {echo>: x}\n', 'sub/deep'],
  ['_export: {_workdir: own}\n+b: {echo>: x}\n', 'sub/deep/own'],
])('a called file in a folder runs there: %j', (text, workdir) => {
  const files = new Map([['sub/deep/b.dig', text]])
  const { mapping } = readCalledFile(files, 'sub/deep/b.dig', { isTimezone: () => true })
  expect(mapping).toMatchObject({ _export: { _workdir: workdir }, '+b': { 'echo>': 'x' } })
})
