import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import type { RunTaskInput, StateChange, TaskOutcome } from '#workflows/activities.ts'
import type { PlannedTask, WalkedTask } from '#workflows/contract.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { stepCall, type StepInput, type StepResult } from '#workflows/step.ts'
import { taskFailure } from '../failure.ts'
import { createTakeStep, type StepDeps } from './take-step.ts'

const attemptId = 7 as AttemptId
const times = { beginMs: 150, stopMs: 300, leaveMs: 500 }

/** A group named `+w` with the id 1 and children from 2 on, one after the other unless `parallel`. */
function tree(operators: readonly string[], parallel = false): WalkedTask {
  const children = operators.map((operator, index): PlannedTask => ({
    id: (index + 2) as TaskId,
    name: `+t${index}`,
    operator,
    upstreams: parallel || index === 0 ? [] : [(index + 1) as TaskId],
  }))
  return { id: 1 as TaskId, name: '+w', upstreams: [], children }
}

type RunTask = (input: RunTaskInput) => Promise<TaskOutcome>
const succeeds: RunTask = async () => ({ kind: 'done' })

interface Done extends StepResult {
  readonly ran: readonly number[]
  readonly written: readonly StateChange[]
  readonly closed: readonly string[]
}

/** The step that opens an attempt of this tree, and all that it did. */
async function opening(
  root: WalkedTask,
  runTask: RunTask = succeeds,
  { lateAt, ...deps }: Partial<StepDeps> & { readonly lateAt?: string } = {},
): Promise<Done> {
  const ran: number[] = []
  const written: StateChange[] = []
  const closed: string[] = []
  const takeStep = createTakeStep(
    {
      openAttempt: async () => ({
        root,
        project: 'p',
        workflow: 'w',
        sessionTime: '2001-01-05T00:00:00+00:00',
        params: {},
        ...(lateAt === undefined ? {} : { lateAt }),
      }),
      async runTask(input) {
        ran.push(input.taskId)
        return runTask(input)
      },
      async recordStates({ changes }) {
        written.push(...changes)
      },
      async closeAttempt({ state }) {
        closed.push(state)
      },
      ...deps,
    } as Partial<StepDeps> as StepDeps,
    times,
  )
  const input: StepInput = {
    attemptId,
    calls: [stepCall('openAttempt', { attemptId })],
    changes: [],
    ahead: true,
  }
  const result: StepResult = await new MockActivityEnvironment().run(takeStep, input)
  return { ...result, ran, written, closed }
}

const keys = ({ ahead }: StepResult): readonly string[] =>
  (ahead?.answers ?? []).map(({ key, kind }) => `${key}: ${kind}`)

test('a short attempt is over with the step that opens it', async () => {
  const done = await opening(tree(['echo', 'nop']))
  expect(keys(done)).toEqual([
    'runTask 2 0 0: done',
    'runTask 3 0 0: done',
    'closeAttempt success: done',
  ])
  expect(done.ahead?.recorded).toEqual([
    [1, 1],
    [1, 2],
  ])
  expect(done.written.map(({ state }) => state)).toEqual(['planned', 'success'])
  expect(done.closed).toEqual(['success'])
})

test('a path ends where only Temporal can go on, and the others go on', async () => {
  const done = await opening(tree(['sh', 'echo', 'echo'], true))
  expect(done.ran).toEqual([3, 4])
  expect(done.closed).toEqual([])
  expect(done.ahead?.recorded).toEqual([[1, 1]])
})

test('nothing is run behind a task that runs elsewhere', async () => {
  expect((await opening(tree(['echo', 'sh', 'echo']))).ran).toEqual([2])
})

test('a task that waits, or is to be tried again, waits for its workflow', async () => {
  const done = await opening(tree(['echo', 'echo']), async () => ({
    kind: 'again',
    afterSeconds: 1,
  }))
  expect(keys(done)).toEqual(['runTask 2 0 0: done'])
  expect(done.closed).toEqual([])
})

test('a failed task ends the attempt as failed, with its words for the workflow', async () => {
  const done = await opening(tree(['echo', 'echo']), async () => {
    throw taskFailure('no (config)')
  })
  expect(done.ahead?.answers[0]).toMatchObject({ kind: 'failed', message: 'no (config)' })
  expect(done.ran).toEqual([2])
  expect(done.closed).toEqual(['error'])
})

test('a task that takes longer than a step may is answered as that, and nothing is closed', async () => {
  const never = new Promise<never>(() => undefined)
  const done = await opening(tree(['echo', 'echo']), () => never)
  expect(keys(done)).toEqual(['runTask 2 0 0: long'])
  expect(done.closed).toEqual([])
  expect(done.milliseconds).toBeLessThan(5_000)
})

test('what finds no time, or no place among two hundred, goes with the next step', async () => {
  const slow = await opening(tree(Array.from({ length: 30 }, () => 'echo')), async () => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    return { kind: 'done' }
  })
  expect(slow.ran.length).toBeLessThan(30)
  expect(slow.closed).toEqual([])
  const many = await opening(
    tree(
      Array.from({ length: 300 }, () => 'echo'),
      true,
    ),
  )
  expect(many.ran).toHaveLength(200)
  expect(many.closed).toEqual([])
})

test('an attempt whose states cannot be written stays open', async () => {
  const done = await opening(tree(['echo']), succeeds, {
    recordStates: () => new Promise(() => undefined),
  })
  expect(done.ahead).toMatchObject({ recorded: [] })
  expect(keys(done)).toEqual(['runTask 2 0 0: done'])
  expect(done.closed).toEqual([])
})

test('one with a time at which it is late is walked by its workflow, which has the clock', async () => {
  const done = await opening(tree(['echo']), succeeds, { lateAt: '2001-01-05T01:00:00Z' })
  expect(done.ahead).toBeUndefined()
  expect(done.ran).toEqual([])
})
