import { expect, test } from 'vitest'
import { compile, placed } from '../testing.ts'
import { wrongWorkflowName } from './names.ts'

test("a task name may have all of Digdag's characters", () => {
  const name = '+AZaz09_-=[]{}%&@,.`'
  const { workflows, problems } = compile(`"${name}":\n  "+sub^x": {echo>: x}\n`)
  expect(problems).toEqual([])
  expect(workflows[0]?.root.children[0]?.name).toBe(name)
})

test("a plus alone is a task's name", () => {
  const { workflows, problems } = compile('+: {echo>: x}\n')
  expect(problems).toEqual([])
  expect(workflows[0]?.root.children[0]?.name).toBe('+')
})

test.each([
  '+a b',
  '+日本',
  '+a/b',
  '+a:b',
  '+a+b',
  '+a$',
  '+a!',
  '+a~',
  '+a^b',
  `+${'a'.repeat(255)}`,
])('the task name %j is refused', (name) => {
  const { problems } = compile(`+ok: {echo>: x}\n"${name}": {echo>: x}\n`)
  expect(placed(problems)).toEqual(['TASK_NAME 2:1'])
  expect(problems[0]?.advice).toMatch(/\w/)
})

test("255 characters are enough, and the wrong one is named in Digdag's words", () => {
  expect(compile(`+${'a'.repeat(254)}: {echo>: x}\n`).problems).toEqual([])
  const [problem] = compile('+a b: {echo>: x}\n').problems
  expect(problem?.message).toBe('task name must not contain character \' \': "+a b"')
  expect(problem?.advice).toBe('Write "+a_b" instead.')
})

test('names inside _error are checked at push as well', () => {
  const { problems } = compile('+a:\n  echo>: x\n  _error:\n    +b c: {echo>: x}\n')
  expect(placed(problems)).toEqual(['TASK_NAME 4:5'])
})

test.each([
  '',
  '1st',
  '+a',
  '^a',
  '@a',
  '/a',
  '\\a',
  ':a',
  '*a',
  '?a',
  '"a',
  '<a',
  '>a',
  '|a',
  'a.dig',
  'a'.repeat(256),
  ...['a:b', 'a b', 'a+b', 'a*', "it's", 'a"', 'a(1)', '売上', 'café', 'a$', 'a~', 'a;b', 'a!'],
])('the workflow name %j is none', (name) => {
  expect(wrongWorkflowName(name)).toMatch(/must not/)
})

test('a file whose name is none for a workflow is reported by its place', () => {
  const { problems } = compile({ '1st.dig': '+a: {echo>: x}\n' })
  expect(problems).toEqual([
    expect.objectContaining({
      code: 'WORKFLOW_NAME',
      place: { file: '1st.dig', line: 1, column: 1, text: '+a: {echo>: x}' },
      advice: expect.stringContaining('Rename the file'),
    }),
  ])
})
