import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common'
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  ParentClosePolicy,
  setWorkflowOptions,
  sleep,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
  type Workflow,
} from '@temporalio/workflow'
import type { ScheduledAttempt } from './activities.ts'
import { attemptStart } from './attempt-start.ts'
import type { FireScheduleInput } from './contract.ts'
import { growingWait } from './domain/growing-wait.ts'
import { withoutStack } from './domain/without-stack.ts'
import { tick as onTick } from './temporal/proxies.ts'

// Set by Temporal itself on what a Schedule starts, also for a backfill asked for in its UI.
const scheduledStart = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
)

/**
 * One tick of a schedule: decides about what is due of it, starts the workflow of its own session's attempt, and ends as
 * that ends, so that Temporal's list of schedules says how their last runs went.
 */
export async function fireSchedule(input: FireScheduleInput): Promise<string> {
  const { typedSearchAttributes, startTime } = workflowInfo()
  const { scheduleId, delaySeconds = 0, follows } = input
  const tick = typedSearchAttributes.get(scheduledStart) ?? startTime
  if (delaySeconds > 0) await sleep(delaySeconds * 1000)
  const scheduledTime = tick.toISOString()
  const attempt = await CancellationScope.nonCancellable(() =>
    onTick.openScheduledSession({
      scheduleId,
      scheduledTime,
      firedAt: startTime.toISOString(),
      ...(follows === undefined ? {} : { follows }),
    }),
  )
  if (attempt === null) return 'No attempt: the session exists already, or is to be skipped'

  const child = attempt.runs === true ? undefined : await started(attempt)
  if (follows !== true) return `Started attempt ${attempt.attemptId} for ${attempt.sessionTime}`
  const end = await (child === undefined ? seen(attempt) : ended(child))
  const page = attempt.page === undefined ? '' : ` ${attempt.page}`
  const session = `attempt ${attempt.attemptId} of session ${attempt.sessionTime}${page}`
  if (end.state === 'success') return `Success: ${session}`
  if (end.state === 'canceled') throw withoutStack(new CancelledFailure(`Killed: ${session}`))
  const why = end.message === undefined ? '' : `: ${end.message}`
  throw withoutStack(
    ApplicationFailure.nonRetryable(`Failed: ${session}${why}`, 'ScheduledAttemptFailed'),
  )
}

// What a tick does takes a moment, or as long as its attempt, of which it only waits for the end: attempts begin on the
// newest code.
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, fireSchedule)

/** Undefined where the API, which looks for attempts that are not started, was quicker. */
async function started(
  attempt: ScheduledAttempt,
): Promise<ChildWorkflowHandle<Workflow> | undefined> {
  try {
    return await startChild(attempt.workflowType, {
      ...attemptStart(attempt),
      // The attempt outlives this tick.
      parentClosePolicy: ParentClosePolicy.ABANDON,
    })
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    return undefined
  }
}

interface End {
  readonly state: 'success' | 'error' | 'canceled'
  readonly message?: string
}

/** How the attempt ends that this tick has started. */
async function ended(child: ChildWorkflowHandle<Workflow>): Promise<End> {
  try {
    await child.result()
    return { state: 'success' }
  } catch (error) {
    if (isCancellation(error)) return { state: 'canceled' }
    if (!(error instanceof ChildWorkflowFailure)) throw error
    return { state: 'error', message: error.cause?.message ?? error.message }
  }
}

/** How one ends that somebody else has started. */
async function seen({ attemptId }: ScheduledAttempt): Promise<End> {
  for (let looks = 0; ; looks += 1) {
    await sleep(growingWait({ first: 2_000, most: 300_000 }, looks))
    const end = await onTick.attemptEnd({ attemptId })
    if (end !== null) return end
  }
}
