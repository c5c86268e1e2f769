import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  isCancellation,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow'
import { taskFailed, type RunTaskInput, type TaskOutcome } from '../activities.ts'
import { branchWorkflowId, branchWorkflowType, type RunBranch } from '../contract.ts'
import type { AttemptId } from '../domain/ids.ts'
import { createSlots } from '../domain/slots.ts'
import type { TaskQueue } from '../domain/task-queues.ts'
import { CanceledError, TaskFailedError, type Runtime } from '../engine/runtime.ts'
import { progressDetails } from './details.ts'
import { remote } from './proxies.ts'
import { LongTaskError, type Steps } from './steps.ts'

/** Temporal refuses a workflow's 2,001st pending activity for ever; this stays far below. */
const pendingActivities = 300
/** Branches of one group that run at a time; each has up to as many tasks under way. */
const runningBranches = 10

/** The engine's world, on Temporal. */
/** `page`: the attempt's address in the API, where it is known. */
export function createTemporalRuntime(attemptId: AttemptId, steps: Steps, page?: string): Runtime {
  const slot = createSlots(pendingActivities)
  const branchSlot = createSlots(runningBranches)
  const onQueue = (
    taskQueue: TaskQueue,
    summary: string,
    input: RunTaskInput,
  ): Promise<TaskOutcome> =>
    slot(() =>
      translated(() =>
        remote.runTask.executeWithOptions({ summary, taskQueue }, [{ task: summary, ...input }]),
      ),
    )

  return {
    async runTask({ placement, fullName }, about) {
      const input: RunTaskInput = { attemptId, ...about }
      if (placement !== 'step') return onQueue(placement, fullName, input)
      try {
        return await steps.ask('runTask', input, { order: input.taskId, name: fullName })
      } catch (error) {
        if (error instanceof LongTaskError) return onQueue('control', fullName, input)
        throw error
      }
    },
    addTasks: (input) => steps.ask('addTasks', { attemptId, ...input }, { order: input.parentId }),
    runBranch: (branch) =>
      branchSlot(() =>
        translated(() => {
          const input = {
            attemptId,
            ...branch,
            ...(steps.named ? { namedSteps: true as const } : {}),
          }
          return executeChild<RunBranch>(branchWorkflowType, {
            workflowId: branchWorkflowId(workflowInfo().workflowId, input),
            args: [input],
            staticSummary: `${branch.parentName}: ${branch.count} tasks from ${branch.from} on`,
          })
        }),
      ),
    mergeLayers: (layers) => steps.ask('mergeLayers', { attemptId, layers }),
    record: (change) => steps.record(change),
    sleep: (seconds) => translated(() => sleep(seconds * 1000)),
    alarm(at) {
      const scope = new CancellationScope()
      const rang = scope
        .run(() => sleep(Math.max(at - Date.now(), 1)))
        .then(
          () => true,
          (error: unknown) => {
            if (isCancellation(error)) return false
            throw error
          },
        )
      return { rang, stop: () => scope.cancel() }
    },
    report: (progress) => setCurrentDetails(progressDetails(progress, page)),
    now: () => Date.now(),
  }
}

/**
 * Temporal's failures in the engine's words. What the workflow itself did not foresee is thrown on: it
 * stops the workflow until our code is fixed, and loses nothing.
 */
async function translated<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    // A task whose worker is lost while it is being killed times out instead of confirming.
    if (isCancellation(error) || CancellationScope.current().consideredCancelled) {
      throw new CanceledError()
    }
    const wrapped = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure
    const cause = wrapped ? error.cause : error
    if (cause instanceof ApplicationFailure && cause.type === taskFailed) {
      throw new TaskFailedError(cause.message, cause.details?.[0] ?? {})
    }
    throw error
  }
}
