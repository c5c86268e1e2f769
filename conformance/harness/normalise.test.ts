import { describe, expect, test } from 'vitest'
import { normalise, outputOf } from './normalise.ts'

const own = (level: string, text: string): string =>
  `2026-11-24 13:45:14.100 +0000 [${level}] (0046@[0:shop:43:43]+case+a) io.digdag.core.agent.OperatorManager: ${text}`

describe("a task's output", () => {
  test('is without the lines in which a server speaks of it', () => {
    const log = [own('INFO', 'echo>: a'), 'a', own('WARN', 'slow'), 'b', ''].join('\n')
    expect(outputOf(log)).toEqual(['a', 'b'])
  })

  test('may be before such a line, where it ended without a line end', () => {
    expect(outputOf(`a${own('ERROR', "Parameter 'x' is not used at task +case+a.")}`)).toEqual([
      'a',
    ])
  })

  test('ends where an error is shown with its stack', () => {
    const log = [
      'out',
      own('ERROR', 'Task +case+a failed.'),
      'Command failed with code 4',
      'java.lang.RuntimeException: Command failed with code 4',
      '\tat io.digdag.standards.operator.ShOperatorFactory$ShOperator.runCode(ShOperatorFactory.java:121)',
    ].join('\n')
    expect(outputOf(log)).toEqual(['out'])
  })

  test('has the last line of a Python stack only', () => {
    const log = [
      'before',
      'Traceback (most recent call last):',
      '  File "/tmp/x/runner.py", line 193, in <module>',
      '    raise error',
      '             ^^^^^',
      'ValueError: bad value',
      'after',
    ].join('\n')
    expect(outputOf(log)).toEqual(['before', 'ValueError: bad value', 'after'])
  })
})

test('ids, folders and stacks are no facts', () => {
  expect(
    normalise({
      message: 'Dependent workflow failed. Session id: 73, attempt id: 74',
      path: 'File not found: /tmp/digdag-123/nope.dig (config)',
      refusal: 'Validating project failed\nworkflow /tmp/x/case.dig Duplicated keys: [y]\n',
      last: 'Command failed with code 4 (runtime)\nIt printed last:\nout\nerr',
      python:
        'failed with code 1\nbad value (ValueError)\n\tfrom Traceback:\n\n\tfrom x\n (runtime)',
      error: { message: 'no', stacktrace: 'io.digdag.X.run(X.java:1)' },
    }),
  ).toEqual({
    message: 'Dependent workflow failed. Session id: N, attempt id: N',
    last: 'Command failed with code 4 (runtime)',
    path: 'File not found: $TMP (config)',
    refusal: 'Duplicated keys: [y]',
    python: 'failed with code 1\nbad value (ValueError) (runtime)',
    error: { message: 'no' },
  })
})
