import { setTimeout as sleep } from 'node:timers/promises'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import type { RunTaskInput } from '#workflows/activities.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { StepCall, StepResult, WorkerActivities } from '#workflows/step.ts'
import { taskFailure } from '../failure.ts'
import { createTakeStep, type StepDeps } from './take-step.ts'

const attemptId = 7 as AttemptId
const times = { beginMs: 150, stopMs: 300, leaveMs: 500 }

const task = (id: number): StepCall => ({
  key: `runTask ${id}`,
  activity: 'runTask',
  input: { taskId: id as TaskId } as RunTaskInput,
})
const close: StepCall = {
  key: 'closeAttempt',
  activity: 'closeAttempt',
  input: { attemptId, state: 'success' },
}

type RunTask = StepDeps['runTask']

const succeeds: RunTask = async () => ({ kind: 'done' })

/** A step of these calls, with what its activities do; those that are not given must not be called. */
async function step(
  calls: readonly StepCall[],
  deps: Partial<StepDeps>,
  changes: Parameters<WorkerActivities['takeStep']>[0]['changes'] = [],
): Promise<StepResult> {
  const takeStep = createTakeStep(deps as StepDeps, times)
  const input = { attemptId, calls, changes }
  return new MockActivityEnvironment().run(takeStep, input)
}

const kinds = ({ answers }: StepResult): readonly string[] => answers.map(({ kind }) => kind)

test('its calls run side by side, and each has its answer', async () => {
  const begun: number[] = []
  const all = Promise.withResolvers<void>()
  const result = await step([task(1), task(2), task(3)], {
    async runTask({ taskId }) {
      begun.push(taskId)
      if (begun.length === 3) all.resolve()
      await all.promise
      return { kind: 'again', afterSeconds: taskId }
    },
  })
  expect(begun).toEqual([1, 2, 3])
  expect(result.answers).toEqual(
    [1, 2, 3].map((id) => ({
      key: `runTask ${id}`,
      kind: 'done',
      result: { kind: 'again', afterSeconds: id },
    })),
  )
})

test('a failed task is answered with its words and its retry', async () => {
  const { answers } = await step([task(1)], {
    async runTask() {
      throw taskFailure('no such file (config)', { retryAfterSeconds: 3 })
    },
  })
  expect(answers).toEqual([
    {
      key: 'runTask 1',
      kind: 'failed',
      message: 'no such file (config)',
      retryAfterSeconds: 3,
    },
  ])
})

test('a task that takes longer than a step may is stopped, and the others are answered', async () => {
  let stopped = false
  const result = await step([task(1), task(2)], {
    async runTask({ taskId }, signal) {
      if (taskId === 2) return { kind: 'done' }
      await sleep(60_000, undefined, { signal }).catch(() => (stopped = true))
      throw new Error('stopped')
    },
  })
  expect(kinds(result)).toEqual(['long', 'done'])
  expect(stopped).toBe(true)
})

test('nobody waits for a call that does not even stop', async () => {
  const never = new Promise<never>(() => undefined)
  const result = await step([task(1), close], {
    runTask: () => never,
    closeAttempt: () => never,
  })
  expect(kinds(result)).toEqual(['long', 'outage'])
})

test('what cannot be begun in time goes with the next step, but the first call is always begun', async () => {
  const many = Array.from({ length: 200 }, (_, index) => task(index))
  const result = await step(many, {
    async runTask() {
      await sleep(100)
      return { kind: 'done' }
    },
  })
  expect(result.answers[0]?.kind).toBe('done')
  expect(new Set(kinds(result))).toEqual(new Set(['done', 'later']))
  expect(kinds(result).indexOf('later')).toBeGreaterThanOrEqual(60)
})

test('an attempt is closed only when the states that came along are written', async () => {
  const order: string[] = []
  const changes = [{ taskId: 1 as TaskId, state: 'success', version: 2 }] as const
  const deps: Partial<StepDeps> = {
    async closeAttempt() {
      order.push('closed')
      return { state: 'success' }
    },
    async recordStates() {
      await sleep(50)
      order.push('recorded')
    },
  }
  expect(await step([close], deps, changes)).toMatchObject({ recorded: true })
  expect(order).toEqual(['recorded', 'closed'])
})

test('states that a dead database does not take are held, and the attempt stays open', async () => {
  const changes = [{ taskId: 1 as TaskId, state: 'success', version: 2 }] as const
  const result = await step(
    [close, task(1)],
    { recordStates: () => new Promise(() => undefined), runTask: succeeds },
    changes,
  )
  expect(result).toMatchObject({ recorded: false })
  expect(kinds(result)).toEqual(['outage', 'done'])
})

test('a mistake in code fails its call after a few tries, with its words', async () => {
  let calls = 0
  const { answers } = await step([close], {
    async closeAttempt() {
      calls += 1
      throw new TypeError('x is not a function')
    },
  })
  expect(calls).toBe(3)
  expect(answers).toMatchObject([
    { kind: 'failed', message: 'TypeError: x is not a function (runtime)' },
  ])
})

test('answers beyond what an event may hold go with the next step', async () => {
  const long = 'x'.repeat(100_000)
  const result = await step(
    [1, 2, 3, 4].map((id) => ({
      key: `storedParams ${id}`,
      activity: 'storedParams',
      input: { taskId: id as TaskId },
    })),
    { storedParams: async () => ({ long }) },
  )
  expect(kinds(result)).toEqual(['done', 'done', 'later', 'later'])
})

test('a step that finds no slot, since calls of others do not stop, is answered in time all the same', async () => {
  const never = new Promise<never>(() => undefined)
  const takeStep = createTakeStep({ runTask: () => never } as Partial<StepDeps> as StepDeps, times)
  const run = (calls: readonly StepCall[]): Promise<StepResult> =>
    new MockActivityEnvironment().run(takeStep, { attemptId, calls, changes: [] })
  await run(Array.from({ length: 60 }, (_, index) => task(index)))
  const second = await run([task(100)])
  expect(kinds(second)).toEqual(['outage'])
  expect(second.milliseconds).toBeLessThan(5_000)
}, 5_000)
