import { describe, expect, test } from 'vitest'
import { compileTask, readRetry } from '../index.ts'
import { compile, placed } from '../testing.ts'

const upstreamsOf = (text: string) =>
  compile(text).workflows[0]?.root.children.map(({ name, upstreams }) => [name, upstreams])

describe('what refuses a push', () => {
  test.each([
    ['two operators', '+a:\n  echo>: x\n  sh>: y\n', 'TWO_OPERATORS 3:3'],
    ['an operator and tasks', '+a:\n  echo>: x\n  +b: {echo>: y}\n', 'OPERATOR_AND_SUBTASKS 3:3'],
    ['an empty task', '+a:\n', 'TASK_EMPTY 1:1'],
    ['a text as a task', '+a: hello\n', 'TASK_BODY 1:1'],
    ['a list of texts as a task', '+a: [hello]\n', 'TASK_BODY 1:1'],
    ['a parameter of a group', '+a:\n  x: 1\n  +b: {echo>: x}\n', 'UNKNOWN_KEY 2:3'],
    ['_env of a group', '+a:\n  _env: {X: y}\n  +b: {echo>: x}\n', 'UNKNOWN_KEY 2:3'],
    ['_do of a group', '+a:\n  _do: {echo>: x}\n', 'UNKNOWN_KEY 2:3'],
    ['_export that is a text', '+a:\n  echo>: x\n  _export: text\n', 'DIRECTIVE_VALUE 3:3'],
    ['_export that is a list', '+a:\n  _export: [1]\n', 'DIRECTIVE_VALUE 2:3'],
    ['_parallel: maybe', '+a:\n  _parallel: maybe\n', 'DIRECTIVE_VALUE 2:3'],
    ['_parallel by a variable', '+a:\n  _parallel: ${x}\n', 'DIRECTIVE_VALUE 2:3'],
    ['a limit that is a text', '+a:\n  _parallel: {limit: many}\n', 'DIRECTIVE_VALUE 2:3'],
    ['a limit below 0', '+a:\n  _parallel: {limit: -1}\n', 'DIRECTIVE_VALUE 2:3'],
    ['_background: maybe', '+a:\n  echo>: x\n  _background: maybe\n', 'DIRECTIVE_VALUE 3:3'],
    ['_disable by a variable', '+a:\n  echo>: x\n  _disable: ${x}\n', 'DIRECTIVE_VALUE 3:3'],
    ['_error that is a text', '+a:\n  echo>: x\n  _error: text\n', 'DIRECTIVE_VALUE 3:3'],
    [
      'two operators in _error',
      '+a:\n  echo>: x\n  _error: {echo>: x, sh>: y}\n',
      'TWO_OPERATORS 3:22',
    ],
    ['_after in a sequence', '+a:\n  echo>: x\n  _after: [+b]\n', 'AFTER_WITHOUT_PARALLEL 3:3'],
    [
      '_after of a later task',
      '_parallel: true\n+a:\n  _after: [+b]\n+b: {}\n',
      'AFTER_UNKNOWN 3:3',
    ],
    [
      '_after that is a text',
      '_parallel: true\n+a: {}\n+b:\n  _after: +a\n',
      'DIRECTIVE_VALUE 4:3',
    ],
    ['_parallel without a limit', '+a:\n  _parallel: {}\n', 'DIRECTIVE_VALUE 2:3'],
    ['an empty _parallel at the top', '+a: {}\n_parallel:\n', 'DIRECTIVE_VALUE 2:1'],
    ['an empty _retry at the top', '+a: {}\n_retry:\n', 'DIRECTIVE_VALUE 2:1'],
    ['an empty _check at the top', '+a: {}\n_check: ~\n', 'DIRECTIVE_VALUE 2:1'],
    ['_after that is a mapping', '_parallel: true\n+a:\n  _after: {b: 1}\n', 'DIRECTIVE_VALUE 3:3'],
    [
      '_background in parallel',
      '_parallel: true\n+a:\n  echo>: x\n  _background: true\n',
      'BACKGROUND_IN_PARALLEL 4:3',
    ],
    ['a mistake in a list body', '+a:\n  - echo>: x\n  - sh>: y\n', 'TWO_OPERATORS 3:5'],
  ])('%s', (_, text, expected) => {
    const { problems } = compile(text)
    expect(placed(problems)).toEqual([expected])
    expect(problems[0]?.advice).toMatch(/\w/)
  })

  test('a misspelt key of a group is led to the directive or operator', () => {
    const reported = (key: string) =>
      compile(`+a:\n  ${key}: true\n  +b: {echo>: x}\n`).problems.map(({ message }) => message)
    expect(reported('_paralel')).toEqual([
      `Task +a contains invalid keys: '_paralel' (did you mean ["_parallel"]?)`,
    ])
    expect(reported('_retyr')[0]).toContain('(did you mean ["_retry"]?)')
    expect(compile('+a:\n  echo: x\n').problems[0]?.advice).toBe('Write "echo>:" instead.')
  })
})

describe('what Digdag takes at push is taken, and reported if it cannot work or does nothing', () => {
  test.each([
    ['_check of a group', '+a:\n  +b: {}\n  _check: {echo>: x}\n', 'DIRECTIVE_IGNORED 3:3'],
    [
      'a mistake in _check',
      '+a:\n  echo>: x\n  _check: {echo>: x, sh>: y}\n',
      'TWO_OPERATORS 3:22',
    ],
    ['_error with nothing in it', '+a:\n  echo>: x\n  _error:\n', 'DIRECTIVE_IGNORED 3:3'],
    ['_error with nothing in it at the top', '+a: {echo>: x}\n_error:\n', 'DIRECTIVE_IGNORED 2:1'],
    ['_check with nothing in it', '+a:\n  echo>: x\n  _check:\n', 'DIRECTIVE_IGNORED 3:3'],
    [
      '_parallel: {} of a loop',
      '+a:\n  loop>: 2\n  _do: {}\n  _parallel: {}\n',
      'DIRECTIVE_VALUE 4:3',
    ],
    ['_check that is a text', '+a:\n  echo>: x\n  _check: text\n', 'DIRECTIVE_VALUE 3:3'],
    ['a mistake in _do', '+a:\n  loop>: 2\n  _do:\n    +b:\n', 'TASK_EMPTY 4:5'],
    [
      'a mistake in _else_do',
      '+a:\n  if>: ${x}\n  _else_do: {ehco>: x}\n',
      'OPERATOR_UNKNOWN 3:14',
    ],
    [
      'a mistake in _do inside _do',
      '+a:\n  loop>: 2\n  _do:\n    loop>: 2\n    _do: {x: 1}\n',
      'UNKNOWN_KEY 5:11',
    ],
    [
      'a mistake in _error inside _do',
      '+a:\n  loop>: 2\n  _do:\n    echo>: x\n    _error: {+b: text}\n',
      'TASK_BODY 5:14',
    ],
    ['_do that is a text', '+a:\n  loop>: 2\n  _do: text\n', 'DIRECTIVE_VALUE 3:3'],
    ['a loop without _do', '+a:\n  loop>: 2\n', 'OPERATOR_BODY 2:3'],
    ['if> without _do', '+a:\n  if>: true\n', 'OPERATOR_BODY 2:3'],
    ['_retry: often of a group', '+a:\n  _retry: often\n', 'DIRECTIVE_VALUE 2:3'],
    ['_retry by a variable of a group', '+a:\n  _retry: ${n}\n', 'DIRECTIVE_VALUE 2:3'],
    ['_retry: true', '+a:\n  sh>: x\n  _retry: true\n', 'DIRECTIVE_VALUE 3:3'],
    [
      'a misspelt word in _retry',
      '+a:\n  _retry: {limit: 1, intervall: 2}\n',
      'DIRECTIVE_IGNORED 2:22',
    ],
    ['_retry of echo>', '+a:\n  echo>: x\n  _retry: 3\n', 'DIRECTIVE_IGNORED 3:3'],
    ['_parallel of echo>', '+a:\n  echo>: x\n  _parallel: true\n', 'DIRECTIVE_IGNORED 3:3'],
    [
      '_parallel: maybe of a loop',
      '+a:\n  loop>: 2\n  _do: {}\n  _parallel: maybe\n',
      'DIRECTIVE_VALUE 4:3',
    ],
    ['_do of echo>', '+a:\n  echo>: x\n  _do: {}\n', 'DIRECTIVE_IGNORED 3:3'],
    ['_else_do of a loop', '+a:\n  loop>: 2\n  _do: {}\n  _else_do: {}\n', 'DIRECTIVE_IGNORED 4:3'],
    ['_env of echo>', '+a:\n  echo>: x\n  _env: {A: b}\n', 'DIRECTIVE_IGNORED 3:3'],
    ['_env that is a list', '+a:\n  sh>: x\n  _env: [A]\n', 'DIRECTIVE_VALUE 3:3'],
    ['_env with a list', '+a:\n  sh>: x\n  _env:\n    A: [b]\n', 'DIRECTIVE_VALUE 4:5'],
    ['_secrets with a number', '+a:\n  sh>: x\n  _secrets:\n    a: 1\n', 'DIRECTIVE_VALUE 4:5'],
    ['timezone below a task', '+a:\n  timezone: UTC\n', 'DIRECTIVE_IGNORED 2:3'],
    ['schedule below a task', '+a:\n  schedule: {daily>: 07:00:00}\n', 'DIRECTIVE_IGNORED 2:3'],
    ['sla below a task', '+a:\n  sla: {time: 07:00}\n', 'DIRECTIVE_IGNORED 2:3'],
  ])('%s', (_, text, expected) => {
    const { problems, warnings } = compile(text)
    expect(problems).toEqual([])
    expect(placed(warnings)).toEqual([expected])
    expect(warnings[0]?.advice).toMatch(/\w/)
  })

  test.each([
    '+a:\n  sh>: x\n  _retry: ${n}\n',
    '+a:\n  sh>: x\n  _retry: {limit: "${n}", interval: 3}\n',
    '+a:\n  loop>: 2\n  _do: {echo>: x}\n  _parallel: ${p}\n',
    '+a:\n  loop>: 2\n  _do: {echo>: x}\n  _retry: 3\n',
    '+a:\n  sh>: x\n  _env: {A: b, B: 1, C: null}\n  _secrets: {a: b, c: true}\n',
    '+a:\n  _type: echo\n  _command: x\n',
    '+a:\n  echo>: x\n  _error: {}\n  _check: {}\n',
    '+a: []\n',
    '+a: {}\n',
  ])('%j is right', (text) => {
    const { problems, warnings } = compile(text)
    expect([...problems, ...warnings]).toEqual([])
  })
})

describe('_disable', () => {
  test.each(['true', 'True', '"true"', '1'])(
    '%s: neither operator nor tasks are looked at',
    (value) => {
      const { workflows, problems } = compile(
        `+a: {_disable: ${value}, echo>: x, sh>: y, +b: {x: 1}}\n`,
      )
      expect(problems).toEqual([])
      expect(workflows[0]?.root.children[0]).toMatchObject({
        config: { _disable: true },
        children: [],
      })
      expect(workflows[0]?.root.children[0]?.operator).toBeUndefined()
    },
  )

  test('false: as if it were not there', () => {
    const { workflows, problems } = compile('+a: {_disable: false, +b: {echo>: x}}\n')
    expect(problems).toEqual([])
    expect(workflows[0]?.root.children[0]?.children).toHaveLength(1)
  })
})

describe('what waits for what', () => {
  test('in a sequence background tasks wait for nothing, and the next task for all of them', () => {
    const b = '_background: "true", echo>: x'
    expect(
      upstreamsOf(`+a: {echo>: x}\n+b: {${b}}\n+c: {${b}}\n+d: {echo>: x}\n+e: {echo>: x}\n`),
    ).toEqual([
      ['+a', []],
      ['+b', []],
      ['+c', []],
      ['+d', [0, 1, 2]],
      ['+e', [3]],
    ])
  })

  test('in parallel tasks wait for those that _after names', () => {
    expect(
      upstreamsOf('_parallel: true\n+a: {}\n+b: {}\n+c: {_after: [+b, +a]}\n+d: {_after: [+c]}\n'),
    ).toEqual([
      ['+a', []],
      ['+b', []],
      ['+c', [0, 1]],
      ['+d', [2]],
    ])
  })

  test('a limit cuts into chunks, each of which waits for the one before', () => {
    expect(upstreamsOf('_parallel: {limit: 2}\n+a: {}\n+b: {}\n+c: {}\n+d: {}\n+e: {}\n')).toEqual([
      ['+a', []],
      ['+b', []],
      ['+c', [0, 1]],
      ['+d', [0, 1]],
      ['+e', [2, 3]],
    ])
  })

  test.each(['"true"', '{limit: 0}', '{limit: "3"}'])('_parallel: %s is parallel', (value) => {
    expect(upstreamsOf(`_parallel: ${value}\n+a: {}\n+b: {}\n`)).toEqual([
      ['+a', []],
      ['+b', []],
    ])
  })
})

// docs/language.md#retry.
test.each([
  [3, { limit: 3, intervalSeconds: 0, growth: 'constant' }],
  ['3', { limit: 3, intervalSeconds: 0, growth: 'constant' }],
  [
    { limit: '2', interval: '5' },
    { limit: 2, intervalSeconds: 5, growth: 'constant' },
  ],
  [
    { limit: 2, interval: 10, interval_type: 'Exponential', max_interval: 60 },
    { limit: 2, intervalSeconds: 10, growth: 'exponential', maxIntervalSeconds: 60 },
  ],
])('_retry: %j is read', (written, rule) => {
  expect(readRetry(written)).toEqual(rule)
})

test.each([[true], [[3]], [{ interval: 3 }], [{ limit: 1, interval_type: 'linear' }], ['often']])(
  '_retry: %j is no rule',
  (written) => {
    expect(readRetry(written)).toEqual(expect.any(String))
  },
)

test('a task mapping made at run time is compiled like a written one', () => {
  const { task } = compileTask('^sub', { _parallel: true, '+a': { 'echo>': 'x' }, '+b': {} })
  expect(task?.children.map(({ name, operator }) => [name, operator])).toEqual([
    ['+a', 'echo'],
    ['+b', undefined],
  ])
  expect(compileTask('^sub', { 'echo>': 'x', 'sh>': 'y' }).problems[0]?.code).toBe('TWO_OPERATORS')
})

test('config and exports are shown as Digdag shows them', () => {
  const { workflows } = compile(
    '+a:\n  _export: {x: 1}\n  sh>: y\n  _background: true\n  _retry: 2\n  _env: {A: b}\n',
  )
  const [task] = workflows[0]?.root.children ?? []
  expect(Object.keys(task?.config ?? {})).toEqual(['sh>', '_retry', '_env', '_export'])
  expect(task).toMatchObject({ operator: 'sh', exports: { x: 1 }, retry: { limit: 2 } })
})
