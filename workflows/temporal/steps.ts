import { CancellationScope, condition, sleep, workflowInfo } from '@temporalio/workflow'
import type { StateChange } from '../activities.ts'
import type { AttemptId } from '../domain/ids.ts'
import { CanceledError, TaskFailedError } from '../engine/runtime.ts'
import {
  answeredByOtherCode,
  stepCall,
  type StepAnswer,
  type StepCall,
  type StepInput,
  type Stepped,
  type SteppedInput,
  type SteppedResult,
  type StepResult,
} from '../step.ts'
import { createAhead } from './ahead.ts'
import { local } from './proxies.ts'
import { stepName } from './step-name.ts'
import { growingWait, type Growth } from '../domain/growing-wait.ts'

/** Everything light that an attempt asks for, and its state changes, carried by one call at a time. */
export interface Steps {
  readonly named: boolean
  /**
   * Calls a light activity with the next step. `order`: its place among what goes with it, a task's id; `name`: the task's
   * full name, for people.
   * Throws `TaskFailedError`, `CanceledError` when the attempt is killed before it is sent, and
   * `LongTaskError` for a task that is too long for a step.
   */
  ask<Name extends Stepped>(
    activity: Name,
    input: SteppedInput<Name>,
    more?: { readonly order?: number; readonly name?: string },
  ): Promise<SteppedResult<Name>>
  /** Records a state without waiting for it. */
  record(change: StateChange): void
  /** Resolves when everything recorded so far is written. */
  settled(): Promise<void>
}

/** The task takes longer than a step may. */
export class LongTaskError extends Error {}

interface Asked {
  readonly call: StepCall
  readonly order: number
  readonly scope: CancellationScope
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** Calls of one step: their answers stay far below what one history event may hold. */
const mostCalls = 200
/** So long may steps follow each other before the workflow's own commands, and a kill, get a turn. */
const longestChainMs = 500
const pausing: Growth = { first: 500, most: 20_000 }

// T1. At most one step is under way in a workflow, and it is never cancelled: the results of several
//     local activities come one by one in a run and together in its replay.
// T2. A step is sent only when nothing else in the workflow can go on, so what goes with it does not
//     depend on how many turns of the event loop each caller takes.
// T3. Calls are sent, and their answers given out, in an order of their own, not in that of the asking.
// T4. What a step did ahead is answered at the asking, also where a kill has come meanwhile: it has been done, and what
//     follows from it was done by the same walk. It is in the history before anybody can ask for it.

export interface StepsOptions {
  /** The step that opens the attempt also walks it, as this workflow is going to. */
  readonly walksAhead?: boolean
  /** Steps go by what they carry (`AttemptInput.namedSteps`). */
  readonly named: boolean
}

export function createSteps(attemptId: AttemptId, { walksAhead, named }: StepsOptions): Steps {
  const ahead = createAhead()
  let asked: Asked[] = []
  let changes: StateChange[] = []
  let idle = true
  let chainMs = 0
  let pauses = 0

  /** What goes with the next step. */
  const next = (): { readonly taken: readonly Asked[]; readonly input: StepInput } => {
    const all = asked.toSorted(inOrder)
    const taken = all.slice(0, mostCalls)
    asked = all.slice(mostCalls)
    const recording = changes
    changes = []
    const opens = taken.some(({ call }) => call.activity === 'openAttempt')
    return {
      taken,
      input: {
        attemptId,
        calls: taken.map(({ call }) => call),
        changes: recording,
        ...(opens && walksAhead === true ? { ahead: true } : {}),
      },
    }
  }

  /** How long no step is sent after this one, in milliseconds. */
  const pauseAfter = ({ answers, recorded, milliseconds }: StepResult): number => {
    if (!recorded || answers.some(({ kind }) => kind === 'outage')) {
      chainMs = 0
      pauses += 1
      return growingWait(pausing, pauses - 1)
    }
    pauses = 0
    chainMs += milliseconds
    if (chainMs < longestChainMs) return 0
    chainMs = 0
    return 1
  }

  // In one function: Temporal's sandbox takes a stack trace for each promise, so each `async` of a step is felt.
  const pump = async (): Promise<void> => {
    for (;;) {
      await quiet(() => asked.length > 0 || changes.length > 0)
      idle = false
      const { taken, input } = next()
      const step = local[named ? stepName(input.calls) : 'takeStep']!
      const result = await step(input).catch(() => unanswered(input.calls))
      if (!result.recorded) changes = [...input.changes, ...changes]
      if (result.ahead !== undefined) ahead.add(result.ahead)
      asked.push(...giveOut(taken, result.answers))
      const pause = pauseAfter(result)
      if (pause > 0) await sleep(pause)
      idle = true
    }
  }
  void CancellationScope.nonCancellable(pump)

  return {
    named,
    ask<Name extends Stepped>(
      activity: Name,
      input: SteppedInput<Name>,
      { order = 0, name }: { readonly order?: number; readonly name?: string } = {},
    ): Promise<SteppedResult<Name>> {
      const scope = CancellationScope.current()
      return new Promise((resolve, reject) => {
        const call = stepCall(activity, input, name)
        const done = ahead.take(call)
        if (done?.kind === 'done') return resolve(done.result as SteppedResult<Name>)
        if (done?.kind === 'failed') return reject(new TaskFailedError(done.message, done))
        if (scope.consideredCancelled) return reject(new CanceledError())
        if (done?.kind === 'long') return reject(new LongTaskError())
        const one: Asked = { call, order, scope, resolve, reject }
        asked.push(one)
        if (!scope.cancellable) return
        void scope.cancelRequested.catch(() => {
          if (!asked.includes(one)) return
          asked = asked.filter((other) => other !== one)
          reject(new CanceledError())
        })
      })
    },
    record(change) {
      if (!ahead.recorded(change)) changes.push(change)
    },
    async settled() {
      await CancellationScope.nonCancellable(() => condition(() => idle && changes.length === 0))
    },
  }
}

/** Resolves when the predicate holds and no other code of the workflow can go on. */
function quiet(holds: () => boolean): Promise<void> {
  let waited = false
  return condition(() => {
    // Temporal asks once at the call, while others may still be about to go on.
    if (waited) return holds()
    waited = true
    return false
  })
}

/** A step that has no answer at all: its worker stops, or is too busy to answer within its time. */
const unanswered = (calls: readonly StepCall[]): StepResult => ({
  answers: calls.map(({ key }) => ({ key, kind: 'outage' })),
  recorded: false,
  milliseconds: 0,
})

/** Hands out the answers; answers those that go with another step. */
function giveOut(taken: readonly Asked[], answers: readonly StepAnswer[]): readonly Asked[] {
  if (!Array.isArray(answers)) throw new Error(answeredByOtherCode)
  const byKey = new Map(answers.map((answer) => [answer.key, answer]))
  const again: Asked[] = []
  for (const one of taken) {
    const answer = byKey.get(one.call.key)
    if (answer === undefined) {
      const { workflowId } = workflowInfo()
      throw new Error(`A step of ${workflowId} was answered without ${one.call.key}`)
    }
    const killed = one.scope.consideredCancelled
    if (answer.kind === 'done') one.resolve(answer.result as never)
    else if (killed) one.reject(new CanceledError())
    else if (answer.kind === 'long') one.reject(new LongTaskError())
    else if (answer.kind === 'failed') {
      one.reject(new TaskFailedError(answer.message, answer))
    } else again.push(one)
  }
  return again
}

const inOrder = (a: Asked, b: Asked): number =>
  a.order - b.order || (a.call.key < b.call.key ? -1 : a.call.key > b.call.key ? 1 : 0)
