import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Resume } from '#store/types.ts'
import { broken, brokenOperator, flakyOperator, storeOperator } from '../testing/operators.ts'
import { createStage, type Stage } from '#harness/stage/play.ts'

// The transitions of docs/language.md#states on the real store, walked by the real engine.

let stage: Stage
beforeAll(async () => {
  stage = await createStage([storeOperator, brokenOperator, flakyOperator])
})
afterAll(() => stage.close())

const play = (dig: string, resume?: Resume) =>
  stage.play({ 'case.dig': dig }, resume === undefined ? {} : { resume })

describe('failure', () => {
  test('leaves what depends on it blocked for good, and stops nothing else', async () => {
    const { states } = await play(`
+p:
  _parallel: true
  +bad: {fail>: no}
  +good: {echo>: good}
  +late: {_after: [+bad], echo>: late}
  +fine: {_after: [+good], echo>: fine}
+next:
  +deep: {echo>: deep}`)
    expect(states).toEqual([
      '+case group_error',
      '+case+p group_error',
      '+case+p+bad error',
      '+case+p+good success',
      '+case+p+late blocked',
      '+case+p+fine success',
      '+case+next blocked',
      '+case+next+deep blocked',
      '+case^failure-alert success',
    ])
  })

  test('lets a background task run to its end', async () => {
    const { states } = await play(`
+a: {fail>: no}
+b: {_background: true, wait>: 1s}
+c: {echo>: c}`)
    expect(states).toEqual([
      '+case group_error',
      '+case+a error',
      '+case+b success',
      '+case+c blocked',
      '+case^failure-alert success',
    ])
  })

  test('runs the _error of each level in turn, the inner one first', async () => {
    const { tasks, states } = await play(`
_error: {echo>: "root \${error.message}"}
+g:
  _error: {echo>: "group \${error.message}"}
  +a:
    fail>: no
    _error: {echo>: "task \${error.message}"}`)
    expect(states).toEqual([
      '+case group_error',
      '+case+g group_error',
      '+case+g+a error',
      '+case+g+a^error success',
      '+case+g^error success',
      '+case^failure-alert success',
      '+case^error success',
    ])
    const errors = tasks.filter(({ name }) => name === '^error')
    const started = errors.map(({ startedAt }) => startedAt?.getTime() ?? 0)
    expect(started).toEqual([...started].sort((a, b) => a - b))
  })

  test('an _error may be a group, which fails without changing anything', async () => {
    const { end, states } = await play(
      '+a:\n  fail>: no\n  _error:\n    +x: {echo>: x}\n    +y: {fail>: worse}\n    +z: {echo>: z}',
    )
    expect(end.failure).toBe('+case+a: no')
    expect(states).toContain('+case+a error')
    expect(states).toContain('+case+a^error group_error')
    expect(states).toContain('+case+a^error+z blocked')
  })
})

describe('group retry', () => {
  test('of a group in another one is granted in the first round only, and the rows of all rounds stay', async () => {
    const { tasks, end } = await play(`
+outer:
  _retry: 2
  +inner:
    _retry: 2
    +a: {echo>: a}
    +b: {loop>: 1, _do: {fail>: no}}`)
    expect(end.state).toBe('error')
    const named = (name: string) =>
      tasks.filter(({ fullName }) => fullName === `+case+outer${name}`)
    expect(named('')).toHaveLength(1)
    expect(named('+inner')).toHaveLength(3)
    expect(named('+inner+a')).toHaveLength(5)
    expect(named('+inner+b^sub+loop-0')).toHaveLength(5)
    // Copies have ids of their own, in written order, and wait for the copies beside them.
    const rounds = named('+inner+b')
    expect(rounds.map(({ upstreams }) => upstreams)).toEqual(
      named('+inner+a').map(({ id }) => [id]),
    )
    expect(named('+inner').map(({ state }) => state)).toEqual(Array(3).fill('group_error'))
  })

  test('of the root runs everything again', async () => {
    broken.add('r')
    const { end, tasks } = await play('_retry: 1\n+a: {echo>: a}\n+b: {broken>: r}')
    broken.clear()
    expect(end.state).toBe('error')
    expect(tasks.map(({ fullName, state }) => `${fullName} ${state}`)).toEqual([
      '+case group_error',
      '+case+a success',
      '+case+b error',
      '+case+a success',
      '+case+b error',
      '+case^failure-alert success',
    ])
  })

  test('that waits is seen as waiting, until when, and so is a task’s own retry', async () => {
    const seen: Record<string, string> = {}
    const playing = play(`
+g:
  _retry: {limit: 1, interval: 2}
  +t: {fail>: no}
+f: {echo>: f}`)
    const other = play('+t: {flaky>: 1, _retry: {limit: 1, interval: 2}}')
    await expect
      .poll(
        async () => {
          const rows = await stage.database.pool.query<{ operator: string | null; state: string }>(
            `select coalesce(operator, 'group') as operator, state from tasks
            where state like '%waiting' and retry_at > now()`,
          )
          for (const { operator, state } of rows.rows) seen[operator ?? ''] = state
          return seen
        },
        { timeout: 20_000, interval: 50 },
      )
      .toEqual({ group: 'group_retry_waiting', flaky: 'retry_waiting' })
    expect((await playing).end.state).toBe('error')
    expect((await other).end.state).toBe('success')
  })
})

test('ids grow in the written order, parents before their children', async () => {
  const { tasks } = await play('+a:\n  +b: {echo>: b}\n  +c:\n    +d: {echo>: d}\n+e: {echo>: e}')
  expect(tasks.map(({ fullName }) => fullName)).toEqual([
    '+case',
    '+case+a',
    '+case+a+b',
    '+case+a+c',
    '+case+a+c+d',
    '+case+e',
  ])
})

describe('resume with another revision', () => {
  const before = '+a: {store>: {n: 1}}\n+b: {broken>: q}\n+c: {echo>: c}'

  const failed = async (): Promise<Resume> => {
    broken.add('q')
    const first = await play(before)
    broken.clear()
    expect(first.end.state).toBe('error')
    return { mode: 'failed', attemptId: first.attempt.id }
  }

  test('runs tasks of new names, and takes over those that kept theirs', async () => {
    const resumed = await play(
      '+a: {store>: {n: 2}}\n+renamed: {echo>: "${n}"}\n+b: {broken>: q}\n+c: {echo>: c}',
      await failed(),
    )
    expect(resumed.end.state).toBe('success')
    expect(resumed.tasks.map(({ fullName, resumed }) => `${fullName} ${resumed}`)).toEqual([
      '+case false',
      '+case+a true',
      '+case+renamed false',
      '+case+b false',
      '+case+c false',
    ])
    // What the task stored then, not what it would store now.
    expect(await resumed.output('+case+renamed')).toBe('1\n')
  })

  test('runs _error when it fails again', async () => {
    const resume = await failed()
    broken.add('q')
    const resumed = await play(`${before}\n_error: {echo>: "again \${error.message}"}`, resume)
    broken.clear()
    expect(resumed.end.state).toBe('error')
    expect(await resumed.output('+case^error')).toMatch(/^again .*q is broken/)
  })
})

test('a task taken over leaves what many below it stored, by one layer', async () => {
  const dig = `
+many:
  loop>: 70
  _do: {store>: {last: "\${i}"}}
+b: {broken>: m}
+c: {echo>: "\${last}"}`
  broken.add('m')
  const first = await play(dig)
  broken.clear()
  const resumed = await play(dig, { mode: 'failed', attemptId: first.attempt.id })
  expect(resumed.end.state).toBe('success')
  const { rows } = await stage.database.pool.query(
    'select 1 from merged_params where attempt_id = $1',
    [resumed.attempt.id],
  )
  expect(rows).toHaveLength(1)
  expect(await resumed.output('+case+c')).toBe('69\n')
})
