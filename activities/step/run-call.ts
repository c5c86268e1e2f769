import { ApplicationFailure } from '@temporalio/activity'
import {
  taskFailed,
  type RunTaskInput,
  type TaskFailure,
  type TaskOutcome,
} from '#workflows/activities.ts'
import type { StepAnswer, StepCall, SteppedActivities } from '#workflows/step.ts'
import { mostTries } from '../task/describe-failure.ts'
import { isOutage } from '../task/outage.ts'

/** The activities that a step calls; a task can be stopped. */
export type Callable = Omit<SteppedActivities, 'runTask'> & {
  readonly runTask: (
    input: RunTaskInput,
    signal: AbortSignal,
    attempt: number,
  ) => Promise<TaskOutcome>
}

/** How a call ended. */
type Ended =
  | { readonly kind: 'done'; readonly result: unknown }
  | ({ readonly kind: 'failed'; readonly message: string } & TaskFailure)
  | { readonly kind: 'outage' }

/** Makes a call, again where its error is none that we know, and says how it ended. */
export async function attempted(
  call: (count: number) => Promise<unknown>,
  stopped: () => boolean = () => false,
): Promise<Ended | { readonly kind: 'stopped' }> {
  for (let count = 1; ; count += 1) {
    try {
      return { kind: 'done', result: (await call(count)) ?? null }
    } catch (error) {
      if (error instanceof ApplicationFailure && error.type === taskFailed) {
        const detail = error.details?.[0] as TaskFailure | undefined
        return { kind: 'failed', message: error.message, ...detail }
      }
      if (stopped()) return { kind: 'stopped' }
      if (isOutage(error)) return { kind: 'outage' }
      if (count === mostTries) return { kind: 'failed', message: `${String(error)} (runtime)` }
    }
  }
}

/** Makes one call of a step, and answers it however it ends. */
export async function runCall(
  callable: Callable,
  call: StepCall,
  signal: AbortSignal,
): Promise<StepAnswer> {
  const { key, activity } = call
  const ended = await attempted(
    (count) => made(callable, call, signal, count),
    () => signal.aborted,
  )
  if (ended.kind !== 'stopped') return { key, ...ended }
  return { key, kind: activity === 'runTask' ? 'long' : 'later' }
}

function made(
  callable: Callable,
  call: StepCall,
  signal: AbortSignal,
  count: number,
): Promise<unknown> {
  switch (call.activity) {
    case 'runTask':
      return callable.runTask(call.input, signal, count)
    case 'openAttempt':
      return callable.openAttempt(call.input)
    case 'planBranch':
      return callable.planBranch(call.input)
    case 'addTasks':
      return callable.addTasks(call.input)
    case 'mergeLayers':
      return callable.mergeLayers(call.input)
    case 'storedParams':
      return callable.storedParams(call.input)
    case 'closeAttempt':
      return callable.closeAttempt(call.input)
  }
}
