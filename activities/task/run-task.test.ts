import { ApplicationFailure, CancelledFailure } from '@temporalio/activity'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunTaskInput, TaskOutcome } from '#workflows/activities.ts'
import type { PlannedTask } from '#workflows/contract.ts'
import { call, createStage, environment, type Stage } from '#harness/stage/play.ts'
import { createProbe, openOne } from '#harness/stage/one-task.ts'
import { flakyOperator } from '../testing/operators.ts'
import { startHeartbeat } from './heartbeat.ts'

const probe = createProbe()
let stage: Stage
beforeAll(async () => {
  stage = await createStage([flakyOperator, probe.operator])
})
afterAll(() => stage.close())
afterEach(() => {
  probe.act = async () => ({})
  probe.calls = 0
})

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
    const { input, row } = await openOne(stage, '+a: {probe>: 1}')
    probe.act = async () => ({
      stored: { n: 1 },
      exported: { e: 1 },
      subtasks: { '+x': { 'echo>': 1 }, '+y': { 'echo>': 2 } },
    })
    const first = await call(() => stage.activities.runTask(input))
    const again = await call(() => stage.anotherWorker().runTask(input))
    expect(again).toEqual(first)
    expect(probe.calls).toBe(1)
    expect(first).toMatchObject({
      kind: 'done',
      stored: true,
      exported: true,
      subtasks: { name: '^sub', children: [{ name: '+x', operator: 'echo' }, { name: '+y' }] },
    })
    expect(await row()).toMatchObject({ state: 'planned', stored: { n: 1 }, exported: { e: 1 } })
  })

  test('fails as it failed before', async () => {
    const { input, row } = await openOne(stage, '+a: {_retry: {limit: 1, interval: 7}, flaky>: 5}')
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
    const { input } = await openOne(stage, '+a: {probe>: 1}')
    probe.act = async ({ state }) => {
      await state.save({ job: 'j1' })
      throw new Error('connection lost')
    }
    await expect(call(() => stage.activities.runTask(input))).rejects.toThrow('connection lost')
    const seen: unknown[] = []
    probe.act = async ({ state }) => {
      seen.push(state.value)
      return {}
    }
    expect(await call(() => stage.anotherWorker().runTask(input))).toEqual({ kind: 'done' })
    expect(seen).toEqual([{ job: 'j1' }])
  })

  test('keeps progress over polls, not over tries', async () => {
    const { input, row } = await openOne(stage, '+a: {probe>: 1}')
    const seen: unknown[] = []
    probe.act = async ({ state, polls }) => {
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
    const { input } = await openOne(stage, '+a: {probe>: 1}')
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
    const { input, row } = await openOne(stage, '+a: {probe>: 1}')
    probe.act = async () => {
      throw Object.assign(new Error('terminating connection'), { code: '57P01' })
    }
    await expect(call(() => stage.activities.runTask(input))).rejects.toMatchObject({
      code: '57P01',
    })
    expect(await row()).toMatchObject({ state: 'running', error: null, outcome: null })
    probe.act = async () => {
      throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
    }
    await expect(call(() => stage.activities.runTask(input))).rejects.toThrow(/^fetch failed$/)
  })

  test('a mistake in an operator fails its task, since it would only happen again', async () => {
    const { input, row } = await openOne(stage, '+a: {probe>: 1}')
    probe.act = async () => {
      const nothing: { of?: { that: string } } = {}
      return { stored: { that: nothing.of!.that } }
    }
    const failure = await failureOf(call(() => stage.activities.runTask(input)))
    expect(failure.message).toMatch(/^TypeError: .* \(runtime\)$/)
    expect((await row()).state).toBe('error')
  })

  test('generated subtasks with mistakes fail the task that generated them', async () => {
    const { input } = await openOne(stage, '+a: {probe>: 1}')
    probe.act = async () => ({ subtasks: { '+x': { 'echo>': 1, 'fail>': 2 } } })
    const failure = await failureOf(call(() => stage.activities.runTask(input)))
    expect(failure.message).toMatch(/^A task can't have more than one operator.*\(config\)$/s)
  })
})

describe('a task that is interrupted', () => {
  const interrupted = async (reason?: 'WORKER_SHUTDOWN') => {
    const opened = await openOne(stage, '+a: {probe>: 1}')
    const env = environment(false)
    probe.act = ({ signal }) =>
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

  test('by the end of the day that a task may take fails', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    const { input, row } = await openOne(stage, '+a: {probe>: 1}')
    probe.act = async ({ signal }) => {
      // PostgreSQL's client has timers as well: none of its calls may be under way.
      for (let look = 0; (await row()).state !== 'running'; look += 1)
        expect(look).toBeLessThan(1000)
      vi.advanceTimersByTime(24 * 60 * 60 * 1000)
      expect(signal.aborted).toBe(true)
      throw new Error('the command was stopped')
    }
    const failure = await failureOf(call(() => stage.activities.runTask(input)))
    vi.useRealTimers()
    const message = 'The task ran longer than the 24 hours that a task may take'
    expect(failure.message).toContain(message)
    expect(await row()).toMatchObject({ state: 'error' })
  })

  test('by a kill is canceled also when it succeeds at that moment', async () => {
    const { input, row } = await openOne(stage, '+a: {probe>: 1}')
    const env = environment(false)
    probe.act = async () => {
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
    vi.advanceTimersByTime(1_250)
    heartbeat.beat({ rows: 1 })
    vi.advanceTimersByTime(500)
    heartbeat.stop()
    vi.advanceTimersByTime(20_000)
    return seen
  }

  test('come twice a second while a remote task runs, with what it said last', () => {
    expect(beats(false)).toEqual([null, null, { rows: 1 }, { rows: 1 }])
  })

  test('are not sent by a local one', () => {
    expect(beats(true)).toEqual([])
  })
})
