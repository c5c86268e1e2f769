import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { operatorContext } from '../testing/operator-context.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'
import { createCall } from './call.ts'
import { wait } from './wait.ts'

let stage: Stage
beforeAll(async () => {
  stage = await createStage()
})
afterAll(() => stage.close())

const play = (dig: string, others: Record<string, string> = {}) =>
  stage.play({ 'case.dig': dig, ...others })

const messageOf = async (dig: string, task = '+case+a') => {
  const played = await play(dig)
  expect(played.end.state).toBe('error')
  return played.task(task).error
}

describe('echo> and fail>', () => {
  test('echo> prints its text in the log', async () => {
    const played = await play('_export: {who: you}\n+a: {echo>: "hello ${who}"}')
    expect(played.states).toEqual(['+case success', '+case+a success'])
    expect(await played.output('+case+a')).toBe('hello you\n')
    expect(await played.log('+case+a')).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \+0000 \[INFO\] \(\d{4}@\[0:demo:\d+:\d+\]\+case\+a\) suiro: echo>: hello you\nhello you\n$/,
    )
  })

  test('echo> refuses an object', async () => {
    expect(await messageOf('+a: {echo>: {k: 1}}')).toEqual({
      message: 'Expected string type for key \'_command\' but got {"k":1} (object) (config)',
    })
  })

  test('echo> prints numbers and booleans as texts, and needs something to print', async () => {
    const played = await play('+a: {echo>: 12}\n+b: {echo>: true}\n+c: {echo>: ""}')
    expect(await played.output('+case+a')).toBe('12\n')
    expect(await played.output('+case+b')).toBe('true\n')
    expect(await played.output('+case+c')).toBe('\n')
    const needed = { message: "Parameter '_command' is required but not set (config)" }
    expect(await messageOf('+a:\n  echo>:')).toEqual(needed)
    expect(await messageOf('+a:\n  fail>:')).toEqual(needed)
  })

  test('nop> does nothing, whatever is behind it', async () => {
    const played = await play('+a:\n  nop>:\n+b: {nop>: {k: [1]}}')
    expect(played.states).toEqual(['+case success', '+case+a success', '+case+b success'])
    expect(await played.output('+case+b')).toBe('')
  })

  test('fail> fails with its message, and its retry does not count', async () => {
    const played = await play('+a:\n  _retry: 1\n  fail>: "no ${session_date}"')
    expect(played.states).toEqual([
      '+case group_error',
      '+case+a error',
      '+case^failure-alert success',
    ])
    expect(played.task('+case+a').error).toEqual({ message: 'no 2026-03-05' })
    expect(await played.output('+case+a')).toBe('no 2026-03-05\n')
    expect(played.end.failure).toBe('+case+a: no 2026-03-05')
  })

  test('an operator that nobody knows fails the task', async () => {
    const played = await play('+a: {nosuch>: 1}')
    expect(played.task('+case+a').error).toEqual({ message: 'Unknown task type: nosuch (config)' })
    expect(await played.log('+case+a')).toContain(
      'Configuration error at task +case+a: Unknown task type: nosuch (config)',
    )
  })

  test('an operator of another service fails its task in a sentence, and only its task', async () => {
    const played = await play(
      `+a: {if>: false, _do: {td>: x.sql}, _else_do: {echo>: fine}}
+b: {call>: parts/other.dig}`,
      { 'parts/other.dig': '+c: {echo>: before}\n+d: {td>: x.sql}\n' },
    )
    expect(played.states).toContain('+case+a^sub success')
    expect(played.states).toContain('+case+b^sub+c success')
    expect(played.task('+case+b^sub+d').error).toEqual({
      message:
        "Operator td> is for Treasure Data, which Suiro does not speak to. Use bq> with the same SQL in BigQuery's dialect, bq_load> for td_load>, for_each> over stored results for td_for_each>. (config)",
    })
  })

  test('a parameter that nobody reads is pointed out', async () => {
    const played = await play('+a:\n  echo>: x\n  foo: bar\n  _comand: y')
    expect(played.end.state).toBe('success')
    const log = await played.log('+case+a')
    expect(log).toContain('[ERROR]')
    expect(log).toContain("Parameter 'foo' is not used at task +case+a.")
    expect(log).toContain("Parameter '_comand' is not used at task +case+a.\n")
    expect(log).toContain('  > Did you mean [_command]?')
  })
})

describe('if>', () => {
  test('runs _do as ^sub when the condition holds', async () => {
    const played = await play('+a:\n  if>: ${1 == 1}\n  _do: {echo>: yes}\n  _else_do: {echo>: no}')
    expect(played.states).toEqual(['+case success', '+case+a success', '+case+a^sub success'])
    expect(played.task('+case+a^sub')).toMatchObject({
      operator: 'echo',
      config: { 'echo>': 'yes' },
    })
  })

  test('runs _else_do when it does not, or nothing at all', async () => {
    const played = await play(
      '+a:\n  if>: ""\n  _do: {echo>: yes}\n  _else_do: {+x: {echo>: no}}\n+b:\n  if>: false\n  _do: {echo>: yes}',
    )
    expect(played.states).toEqual([
      '+case success',
      '+case+a success',
      '+case+b success',
      '+case+a^sub success',
      '+case+a^sub+x success',
    ])
  })

  test.each([
    ['beside the body says nothing, as in Digdag', '_parallel: true\n  _do: {', 1],
    ['in the body counts', '_do: {_parallel: true, ', 0],
  ])('_parallel %s', async (_, body, waitsFor) => {
    const played = await play(`+a:\n  if>: true\n  ${body}+x: {echo>: 1}, +y: {echo>: 2}}`)
    expect(played.task('+case+a^sub+y').upstreams).toHaveLength(waitsFor)
  })

  test.each([
    ['true', true],
    ['"True"', true],
    ['" true "', true],
    ['TRUE', true],
    ['1', true],
    ['0', false],
    ['2.5', true],
    ['"FALSE"', false],
    ['"False"', false],
    ['""', false],
    ['${[] == ""}', true],
    ['${null}', false],
  ])('reads %s as %s', async (condition, expected) => {
    const dig = `+a:\n  if>: ${condition}\n  _do: {echo>: yes}\n  _else_do: {echo>: no}`
    const played = await play(dig)
    expect(await played.output('+case+a^sub')).toBe(expected ? 'yes\n' : 'no\n')
  })

  test.each(['"yes"', '"1"', 'no', '${"on"}', '[true]', '{a: 1}'])(
    'refuses %s',
    async (condition) => {
      const error = await messageOf(`+a:\n  if>: ${condition}\n  _do: {echo>: yes}`)
      expect(error?.['message']).toMatch(
        /^Expected 'true' or 'false' for key '_command' but got .* \(config\)$/,
      )
    },
  )

  test('is fine with a condition that holds and nothing to do; the other branch is not read', async () => {
    const played = await play(
      '+a:\n  if>: true\n  _else_do: {nosuch>: "${nope}"}\n+b:\n  if>: true\n  _do: {echo>: 1}\n  _else_do: {+x: {nosuch>: "${nope}", +y: 1}}',
    )
    expect(played.states).toEqual([
      '+case success',
      '+case+a success',
      '+case+b success',
      '+case+b^sub success',
    ])
  })

  test('needs a condition and a body', async () => {
    expect(await messageOf('+a: {if>: true}')).toEqual({
      message: 'Both _do and _else_do are not specified. (config)',
    })
    expect(await messageOf('+a:\n  if>: "1"\n  _do: {echo>: one}')).toEqual({
      message: "Expected 'true' or 'false' for key '_command' but got \"1\" (string) (config)",
    })
  })
})

describe('call>', () => {
  test('runs another file with its exports, and not with the parameters of the task', async () => {
    const played = await play('+a:\n  call>: other\n  x: 5', {
      'other.dig': '_export: {y: 6}\n+t: {echo>: "${y} ${task_name}"}\n+u: {echo>: "${x}"}',
    })
    expect(played.states).toEqual([
      '+case group_error',
      '+case+a group_error',
      '+case+a^sub group_error',
      '+case+a^sub+t success',
      '+case+a^sub+u error',
      '+case^failure-alert success',
    ])
    expect(await played.output('+case+a^sub+t')).toBe('6 +case+a^sub+t\n')
    expect(played.task('+case+a^sub').config).toEqual({ _export: { y: 6 } })
  })

  test('a file in a folder knows its folder, and calls from there', async () => {
    const played = await play('+a: {call>: sub/child.dig}', {
      'sub/child.dig': '+t: {call>: grandchild}',
      'sub/grandchild.dig': '+u: {echo>: "in ${_workdir}"}',
    })
    expect(await played.output('+case+a^sub+t^sub+u')).toBe('in sub\n')
  })

  test('finds files from the folder of the file that calls, also above it', async () => {
    const played = await play('_export: {up: x}\n+a: {call>: sub/deep/child}', {
      'sub/deep/child.dig': '+t: {call>: ../aunt}\n+u: {call>: ../../top}',
      'sub/aunt.dig': '+v: {echo>: "${_workdir} ${up}"}',
      'top.dig': '+w: {echo>: "${typeof _workdir}"}',
    })
    expect(played.end.state).toBe('success')
    expect(await played.output('+case+a^sub+t^sub+v')).toBe('sub x\n')
  })

  test('its exports, _error, _retry and _parallel count; its zone and schedule do not', async () => {
    const played = await play('timezone: Asia/Tokyo\n+a: {call>: other, _export: {given: 7}}', {
      'other.dig':
        'timezone: UTC\nschedule: {daily>: "07:00:00"}\n_retry: 1\n_parallel: true\n_error: {echo>: "caught ${error.message}"}\n+t: {fail>: "${timezone} ${given}"}\n+u: {echo>: x}',
    })
    expect(played.task('+case+a^sub').config).toMatchObject({ _retry: 1, _parallel: true })
    expect(played.states.filter((state) => state === '+case+a^sub+t error')).toHaveLength(2)
    expect(await played.output('+case+a^sub^error')).toBe('caught Asia/Tokyo 7\n')
    expect(played.task('+case+a^sub+u').upstreams).toEqual([])
  })

  test('a parameter beside it is no line of its log', async () => {
    const played = await play('+a: {call>: other, v: 1}', { 'other.dig': '+t: {echo>: x}' })
    expect(await played.log('+case+a')).not.toContain('not used')
  })

  test('a path that leaves the project is not found', async () => {
    expect(await messageOf('+a: {call>: ../other/x}')).toEqual({
      message: 'File not found: ../other/x.dig (config)',
    })
  })

  test('a file that calls itself may end by itself, and is ended otherwise', async () => {
    const ending = await play('+a: {call>: again}', {
      'again.dig':
        "_export: {n: \"${typeof n == 'undefined' ? 3 : n - 1}\"}\n+t:\n  if>: ${task_name.split('^sub').length < 8}\n  _do: {call>: again}",
    })
    expect(ending.end.state).toBe('success')
    const endless = await play('+a: {call>: again}', { 'again.dig': '+t: {call>: again}' })
    expect(endless.end.state).toBe('error')
    expect(endless.end.failure).toMatch(/again.dig is called 100 levels deep/)
  }, 120_000)

  test('a file that calls itself twice at a time is ended by the number of tasks', async () => {
    const calls = { recursion: { calls: 5, size: 3_001 } }
    const call = createCall(async () => new Map([['m.dig', '+t: {echo>: x}']]), {
      recursion: async () => calls.recursion,
    })
    const context = operatorContext(call, { _command: 'm' })
    const deep = { ...context, task: { ...context.task, fullName: `+m${'^sub+a'.repeat(6)}` } }
    await expect(call.run(deep)).rejects.toThrow(
      'm.dig is called 5 times within itself, in an attempt that has more than 3000 tasks by now',
    )
    for (const enough of [
      { calls: 4, size: 3_001 },
      { calls: 90, size: 3_000 },
    ]) {
      calls.recursion = enough
      expect((await call.run(deep)).subtasks).toEqual({ '+t': { 'echo>': 'x' } })
    }
  })

  test('a missing file and one with mistakes fail the task', async () => {
    expect(await messageOf('+a: {call>: nope.dig}')).toEqual({
      message: 'File not found: nope.dig (config)',
    })
    const played = await play('+a: {call>: bad/bad}', { 'bad/bad.dig': '+t: {echo>: 1, sh>: 2}' })
    expect(played.task('+case+a').error?.['message']).toContain(
      "A task can't have more than one operator",
    )
  })
})

describe('wait>', () => {
  test('sleeps in the workflow, and remembers since when', async () => {
    const played = await play('+a: {wait>: 1s}\n+b: {echo>: after}')
    expect(played.end.state).toBe('success')
    expect(played.slept[0]).toBe(1)
    expect(played.task('+case+a').operatorState).toEqual({
      wait_start_time_millis: expect.any(Number),
    })
    const { startedAt, finishedAt } = played.task('+case+a')
    expect(Number(finishedAt) - Number(startedAt)).toBeGreaterThan(900)
  })

  test('may look in between, and blocking makes no difference', async () => {
    const polled = await play('+a: {wait>: 1s, poll_interval: 1s}')
    expect(polled.slept[0]).toBe(1)
    expect((await play('+a: {wait>: 1s, blocking: true}')).slept[0]).toBe(1)
  })

  test('reads every unit, and waits for what is left of it', async () => {
    const run = (params: JsonObject, state: JsonObject = {}) =>
      wait.run(operatorContext(wait, params, { state }))
    expect(await run({ _command: '1d 2h 3m 4s' })).toEqual({ again: { afterSeconds: 93_784 } })
    expect(await run({ _command: '2H3M', poll_interval: '1m' })).toEqual({
      again: { afterSeconds: 60 },
    })
    const begun = { wait_start_time_millis: Date.now() - 50_000 }
    expect(await run({ _command: '1m' }, begun)).toEqual({ again: { afterSeconds: 10 } })
    expect(await run({ _command: '50s' }, begun)).toEqual({})
    expect(await run({ _command: '0s' })).toEqual({})
  })

  test('refuses what is no duration', async () => {
    expect(await messageOf('+a: {wait>: soon}')).toEqual({
      message: 'Invalid duration: soon (config)',
    })
    expect(await messageOf('+a: {wait>: 1s, blocking: true, poll_interval: 1s}')).toEqual({
      message: "poll_interval can't be specified with blocking:true (config)",
    })
  })
})
