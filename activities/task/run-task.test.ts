import { ApplicationFailure, CancelledFailure } from '@temporalio/activity'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunTaskInput, TaskOutcome } from '#workflows/activities.ts'
import type { PlannedTask } from '#workflows/contract.ts'
import type { Task } from '#store/types.ts'
import { call, createStage, environment, type Stage } from '../testing/play.ts'
import { push } from '../testing/project.ts'
import { flakyOperator, secretOperator, storeOperator } from '../testing/operators.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { Operator, OperatorContext, OperatorResult } from './operator.ts'

/** `probe>: …` does what the test says. */
let act: (context: OperatorContext) => Promise<OperatorResult> = async () => ({})
let calls = 0
const probe: Operator = {
  name: 'probe',
  secrets: ['*'],
  retries: true,
  run(context) {
    calls += 1
    return act(context)
  },
}

let stage: Stage
beforeAll(async () => {
  stage = await createStage([flakyOperator, storeOperator, secretOperator, probe])
})
afterAll(() => stage.close())
afterEach(() => {
  act = async () => ({})
  calls = 0
})

/** Opens an attempt of one task, and gives what is needed to run it by hand. */
async function open(dig: string) {
  const pushed = await push(stage.store, { 'case.dig': dig })
  const { attempt } = await stage.store.attempts.start({
    workflowId: pushed.workflows[0]!.id,
    sessionTime: new Date('2026-03-05T00:00:00Z'),
    retryAttemptName: `try ${pushed.workflows[0]!.id}`,
    params: {},
  })
  const { root } = await call(() => stage.activities.openAttempt({ attemptId: attempt.id }))
  const planned = root.children![0]!
  const input: RunTaskInput = {
    attemptId: attempt.id,
    taskId: planned.id,
    layers: [],
    retries: 0,
    polls: 0,
    version: 1,
  }
  const row = async (): Promise<Task> => (await stage.store.tasks.find(planned.id))!
  return { attempt, planned, input, row }
}

const failureOf = async (running: Promise<TaskOutcome>): Promise<ApplicationFailure> => {
  const error: unknown = await running.then(
    () => new Error('It did not fail'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof ApplicationFailure) return error
  throw error
}

describe('a run that is asked for again', () => {
  test('answers what it answered before, without running again', async () => {
    const { input, row } = await open('+a: {probe>: 1}')
    act = async () => ({
      stored: { n: 1 },
      exported: { e: 1 },
      subtasks: { '+x': { 'echo>': 1 }, '+y': { 'echo>': 2 } },
    })
    const first = await call(() => stage.activities.runTask(input))
    const again = await call(() => stage.anotherWorker().runTask(input))
    expect(again).toEqual(first)
    expect(calls).toBe(1)
    expect(first).toMatchObject({
      kind: 'done',
      stored: true,
      exported: true,
      subtasks: { name: '^sub', children: [{ name: '+x', operator: 'echo' }, { name: '+y' }] },
    })
    expect(await row()).toMatchObject({ state: 'planned', stored: { n: 1 }, exported: { e: 1 } })
  })

  test('fails as it failed before', async () => {
    const { input, row } = await open('+a: {_retry: {limit: 1, interval: 7}, flaky>: 5}')
    const first = await failureOf(call(() => stage.activities.runTask(input)))
    const again = await failureOf(call(() => stage.activities.runTask(input)))
    for (const failure of [first, again]) {
      expect(failure).toMatchObject({
        type: 'TaskFailed',
        nonRetryable: true,
        message: 'not yet (runtime)',
        details: [{ retryAfterSeconds: 7 }],
      })
    }
    const waiting = await row()
    expect(waiting).toMatchObject({
      state: 'retry_waiting',
      error: { message: 'not yet (runtime)' },
    })
    expect(waiting.retryAt!.getTime()).toBeGreaterThan(Date.now() + 5_000)
    expect(await stage.store.logs.files(input.attemptId, '+case+a')).toHaveLength(1)
  })

  test('runs again where a worker died in the middle, going on from its own progress', async () => {
    const { input } = await open('+a: {probe>: 1}')
    act = async ({ state }) => {
      await state.save({ job: 'j1' })
      throw new Error('connection lost')
    }
    await expect(call(() => stage.activities.runTask(input))).rejects.toThrow('connection lost')
    const seen: unknown[] = []
    act = async ({ state }) => {
      seen.push(state.value)
      return {}
    }
    expect(await call(() => stage.anotherWorker().runTask(input))).toEqual({ kind: 'done' })
    expect(seen).toEqual([{ job: 'j1' }])
  })

  test('keeps progress over polls, not over tries', async () => {
    const { input, row } = await open('+a: {probe>: 1}')
    const seen: unknown[] = []
    act = async ({ state, polls }) => {
      seen.push(state.value)
      await state.save({ polls })
      return polls < 1 ? { again: { afterSeconds: 3 } } : {}
    }
    const run = (over: Partial<RunTaskInput>) =>
      call(() => stage.activities.runTask({ ...input, ...over }))
    expect(await run({})).toEqual({ kind: 'again', afterSeconds: 3 })
    expect(await row()).toMatchObject({ state: 'retry_waiting' })
    expect(await run({})).toEqual({ kind: 'again', afterSeconds: 3 })
    expect(await run({ polls: 1, version: 3 })).toEqual({ kind: 'done' })
    expect(await run({ retries: 1, version: 5 })).toEqual({ kind: 'again', afterSeconds: 3 })
    expect(seen).toEqual([{}, { polls: 0 }, {}])
  })

  test('a task that does not exist fails for good', async () => {
    const { input } = await open('+a: {probe>: 1}')
    const failure = await failureOf(
      call(() => stage.activities.runTask({ ...input, taskId: 999_999_999 as PlannedTask['id'] })),
    )
    expect(failure).toMatchObject({ message: 'Task 999999999 does not exist', nonRetryable: true })
  })
})

describe('_retry', () => {
  const play = (dig: string) => stage.play({ 'case.dig': dig })

  test.each(['3', '"3"', '"${1 + 2}"', '{limit: 3}'])(
    '%s grants three more tries',
    async (retry) => {
      const played = await play(`+a: {_retry: ${retry}, flaky>: 3}`)
      expect(played.states).toEqual(['+case success', '+case+a success'])
      expect(await played.output('+case+a')).toBe(
        'try 0\nnot yet (runtime)\ntry 1\nnot yet (runtime)\ntry 2\nnot yet (runtime)\ntry 3\n',
      )
      expect(played.task('+case+a').error).toBeNull()
    },
  )

  test('waits longer and longer where it says so, up to a bound', async () => {
    const played = await play(
      '+a: {_retry: {limit: 4, interval: 10, interval_type: Exponential, max_interval: 30}, flaky>: 9}',
    )
    expect(played.slept).toEqual([10, 20, 30, 30])
    expect(played.task('+case+a')).toMatchObject({
      state: 'error',
      error: { message: 'not yet (runtime)' },
    })
  })

  test('that is none fails the task', async () => {
    for (const retry of ['often', 'true', '{interval: 1}', '{limit: 1, interval_type: x}']) {
      const played = await play(`+a: {_retry: ${retry}, flaky>: 0}`)
      expect(played.task('+case+a').error?.['message']).toMatch(/\(config\)$/)
    }
  })

  test('is not spent on a variable that nobody knows', async () => {
    const played = await play('+a: {_retry: 3, flaky>: "${nope}"}')
    expect(played.slept).toEqual([])
    expect(played.task('+case+a').error).toEqual({
      message:
        'Failed to evaluate a variable ${nope} (ReferenceError: nope is not defined) (config)',
    })
  })
})

describe('failures that are not the task’s', () => {
  test('go to Temporal as they are, and the task is still running', async () => {
    const { input, row } = await open('+a: {probe>: 1}')
    act = async () => {
      throw Object.assign(new Error('terminating connection'), { code: '57P01' })
    }
    await expect(call(() => stage.activities.runTask(input))).rejects.toMatchObject({
      code: '57P01',
    })
    expect(await row()).toMatchObject({ state: 'running', error: null, outcome: null })
  })

  test('a mistake in an operator fails its task, since it would only happen again', async () => {
    const { input, row } = await open('+a: {probe>: 1}')
    act = async () => {
      const nothing: { of?: { that: string } } = {}
      return { stored: { that: nothing.of!.that } }
    }
    const failure = await failureOf(call(() => stage.activities.runTask(input)))
    expect(failure.message).toMatch(/^TypeError: .* \(runtime\)$/)
    expect((await row()).state).toBe('error')
  })

  test('generated subtasks with mistakes fail the task that generated them', async () => {
    const { input } = await open('+a: {probe>: 1}')
    act = async () => ({ subtasks: { '+x': { 'echo>': 1, 'fail>': 2 } } })
    const failure = await failureOf(call(() => stage.activities.runTask(input)))
    expect(failure.message).toMatch(/^A task can't have more than one operator.*\(config\)$/s)
  })
})

describe('a task that is interrupted', () => {
  const interrupted = async (reason?: 'WORKER_SHUTDOWN') => {
    const opened = await open('+a: {probe>: 1}')
    const env = environment(false)
    act = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('the command was stopped')))
        env.cancel(reason)
      })
    await expect(env.run(() => stage.activities.runTask(opened.input))).rejects.toBeInstanceOf(
      CancelledFailure,
    )
    return opened.row()
  }

  test('by a kill is canceled', async () => {
    expect(await interrupted()).toMatchObject({ state: 'canceled', error: null })
  })

  test('by the end of its worker goes on running elsewhere', async () => {
    expect(await interrupted('WORKER_SHUTDOWN')).toMatchObject({ state: 'running', outcome: null })
  })

  test('by a kill is canceled also when it succeeds at that moment', async () => {
    const { input, row } = await open('+a: {probe>: 1}')
    const env = environment(false)
    act = async () => {
      env.cancel()
      return {}
    }
    await expect(env.run(() => stage.activities.runTask(input))).rejects.toBeInstanceOf(
      CancelledFailure,
    )
    expect((await row()).state).toBe('canceled')
  })
})

describe('heartbeats', () => {
  afterEach(() => {
    vi.useRealTimers()
  })
  const beats = (local: boolean): unknown[] => {
    vi.useFakeTimers()
    const env = environment(local)
    const seen: unknown[] = []
    env.on('heartbeat', (details) => seen.push(details))
    const heartbeat = startHeartbeat(env.context)
    vi.advanceTimersByTime(10_500)
    heartbeat.beat({ rows: 1 })
    vi.advanceTimersByTime(5_000)
    heartbeat.stop()
    vi.advanceTimersByTime(20_000)
    return seen
  }

  test('come every five seconds while a remote task runs, with what it said last', () => {
    expect(beats(false)).toEqual([null, null, { rows: 1 }, { rows: 1 }])
  })

  test('are not sent by a local one', () => {
    expect(beats(true)).toEqual([])
  })
})

describe('secrets', () => {
  test('are read through grants and mounts, and masked in log and error', async () => {
    const pushed = await push(stage.store, { 'case.dig': '+a: {echo>: 1}' })
    const { id } = pushed.project
    await stage.store.secrets.set(id, 'db.password', 's3cr3t-w0rd')
    await stage.store.secrets.set(id, 'other', 'mounted-value')
    const played = await stage.play({
      'case.dig': `
+a:
  _secrets: {token: other}
  secret>: "\${secret:db.password} and \${secret:token}"
  fail: true`,
    })
    expect(await played.log('+case+a')).not.toMatch(/s3cr3t|mounted/)
    expect(await played.output('+case+a')).toBe('*** and ***\n')
    expect(played.task('+case+a').error).toEqual({ message: 'refused *** and *** (runtime)' })
  })

  test.each([
    ['${secret:db.nothing}', "Secret not found for key: 'db.nothing' (config)"],
    ['${secret:aws.key}', "This operator may not read the secret 'aws.key' (config)"],
    ['${other:x}', "Invalid parametrization: '${other:x}' (config)"],
  ])('%s is refused', async (text, message) => {
    const played = await stage.play({ 'case.dig': `+a: {secret>: "${text}"}` })
    expect(played.task('+case+a').error).toEqual({ message })
  })

  test('stay as written where an operator does not ask for them', async () => {
    const played = await stage.play({ 'case.dig': '+a: {echo>: "${secret:db.password}"}' })
    expect(await played.output('+case+a')).toBe('${secret:db.password}\n')
  })
})

describe('what an operator is given', () => {
  test('files of its revision, in a folder that is gone afterwards', async () => {
    let folder = ''
    const texts: string[] = []
    act = async ({ project, render }) => {
      texts.push(await project.text('sql/q.sql'))
      folder = await project.directory()
      texts.push(await render(await project.text('./sql/q.sql')))
      return {}
    }
    const played = await stage.play({
      'case.dig': '+a: {probe>: 1, n: 5}',
      'sql/q.sql': 'select ${n}',
    })
    expect(played.end.state).toBe('success')
    expect(texts).toEqual(['select ${n}', 'select 5'])
    const { existsSync } = await import('node:fs')
    expect(folder).not.toBe('')
    expect(existsSync(folder)).toBe(false)
  })

  test('usage of a job is kept with the task', async () => {
    const { input, row } = await open('+a: {probe>: 1}')
    const usage = { job: 'p:US.j', bytesBilled: 10, slotMs: 5, cacheHit: false }
    act = async () => ({ usage })
    await call(() => stage.activities.runTask(input))
    expect(await row()).toMatchObject({ bigqueryJob: 'p:US.j', bytesBilled: 10, slotMs: 5 })
  })
})

describe('the cost of a light task', () => {
  test('is a few queries', async () => {
    const { input } = await open('+a: {echo>: "${1 + 1}"}')
    await stage.store.attempts.find(input.attemptId)
    const query = vi.spyOn(stage.database.pool, 'query')
    await call(() => stage.activities.runTask(input))
    const sql = query.mock.calls.map(([text]) => text.trim().split(/\s+/).slice(0, 3).join(' '))
    query.mockRestore()
    expect(sql.length).toBeLessThanOrEqual(5)
  })
})
