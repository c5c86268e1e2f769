import { attachedTask } from '../attempt/attached.ts'
import type { RanTask, TaskOutcome } from '#workflows/activities.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Store } from '#store/index.ts'
import { insertSubtasks, plannedSubtasks } from '../attempt/subtasks.ts'
import { longestMessage, taskFailure } from '../failure.ts'
import type { RetryRule } from '#workflows/domain/retry.ts'
import { shorten } from '#workflows/domain/cut.ts'
import type { Failure } from './describe-failure.ts'
import type { OperatorResult } from './operator.ts'
import { isOutage } from './outage.ts'
import { endToStore, type RunEnd } from './outcome.ts'
import { nextTry } from './retry.ts'
import type { Run } from './run.ts'

/** As in Digdag it is stored, because later tasks may need it; but somebody should know. */
const secretStored =
  'What this task stores or exports for later tasks holds the value of a secret: all who may read this attempt can see it. Let the later tasks read the secret themselves'

/** Writes what the operator answered. */
export async function succeeded(run: Run, result: OperatorResult): Promise<RunEnd> {
  const { deps, input, task } = run
  if (result.again !== undefined) {
    const { afterSeconds } = result.again
    const ended: RunEnd = { kind: 'again', afterSeconds }
    await run.log.close()
    await end(run, {
      state: 'retry_waiting',
      outcome: endToStore(ended, input),
      retryAt: new Date(Date.now() + afterSeconds * 1000),
    })
    return ended
  }
  const { stored, exported } = result
  if (run.mask.finds([stored, exported, result.subtasks])) run.log.say('WARN', secretStored)
  const subtasks = await insertSubtasks(deps.store, deps.resumptions, task, input.retries, result)
  const ended: RunEnd = {
    kind: 'done',
    stored: isFilled(result.stored) || (result.resetParams ?? []).length > 0,
    exported: isFilled(result.exported),
    subtasks,
  }
  await run.log.close()
  await end(run, {
    state: subtasks !== null || attachedTask(task.config, '_check') ? 'planned' : 'success',
    outcome: endToStore(ended, input),
    stored: result.stored ?? {},
    resetParams: result.resetParams ?? [],
    exported: result.exported ?? {},
  })
  return ended
}

/** Writes that the task failed, and whether `_retry` grants another try. */
export async function failed(
  run: Run,
  failure: Failure,
  retry: RetryRule | undefined,
): Promise<RunEnd> {
  const { input, task, mask, log } = run
  const printed = withHeading(mask.text(failure.printed ?? ''))
  // Digdag's words come first; what was printed is short.
  const said = shorten(mask.text(failure.message), longestMessage - 2 * printed.length)
  const message = `${said}${printed}`
  const retryAfterSeconds = failure.retryable ? nextTry(retry, input.retries) : undefined
  const ended: RunEnd = {
    kind: 'failed',
    message,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(failure.final ? { final: true } : {}),
  }
  log.say('ERROR', failure.line(task.fullName, said, retryAfterSeconds !== undefined))
  await log.close().catch(rethrowOutage)
  const outcome = endToStore(ended, input)
  const { stacktrace } = failure
  const error = {
    message,
    ...(stacktrace === undefined ? {} : { stacktrace: mask.text(stacktrace) }),
  }
  const errorCode = failure.code
  const how: End =
    retryAfterSeconds === undefined
      ? {
          state: attachedTask(task.config, '_error') ? 'planned' : 'error',
          outcome,
          error,
          errorCode,
        }
      : {
          state: 'retry_waiting',
          outcome,
          error,
          errorCode,
          retryAt: new Date(Date.now() + retryAfterSeconds * 1000),
        }
  // What the store refuses to write fails the task all the same: the workflow records that it did.
  await end(run, how).catch(rethrowOutage)
  return ended
}

const withHeading = (printed: string): string =>
  printed === '' ? '' : `\nIt printed last:\n${printed}`

function rethrowOutage(error: unknown): void {
  if (isOutage(error)) throw error
}

type End = Omit<Parameters<Store['tasks']['end']>[1], 'version' | 'retries'>

/** Writes the end of a run to the task's row. */
export async function end({ deps, input, task, begun }: Run, how: End): Promise<void> {
  await begun
  await deps.store.tasks.end(task.id, {
    version: input.version,
    retries: input.retries,
    ...how,
  })
}

/** What is passed to the workflow; throws for a failed task. `ran`: what people see of it in Temporal's UI. */
export async function answer(store: Store, ended: RunEnd, ran?: RanTask): Promise<TaskOutcome> {
  const shown = ran === undefined ? {} : { ran }
  if (ended.kind === 'again') return { kind: 'again', afterSeconds: ended.afterSeconds }
  if (ended.kind === 'failed') {
    const { kind: _, message, ...detail } = ended
    throw taskFailure(message, { ...shown, ...detail })
  }
  return {
    kind: 'done',
    ...shown,
    ...(ended.stored ? { stored: true } : {}),
    ...(ended.exported ? { exported: true } : {}),
    ...(ended.subtasks === null ? {} : { subtasks: await plannedSubtasks(store, ended.subtasks) }),
  }
}

const isFilled = (params: JsonObject | undefined): boolean =>
  params !== undefined && Object.keys(params).length > 0
