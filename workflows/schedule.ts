import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common'
import {
  CancellationScope,
  ParentClosePolicy,
  setWorkflowOptions,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'
import { attemptStart } from './attempt-start.ts'
import type { FireScheduleInput } from './contract.ts'
import { tick as onTick } from './temporal/proxies.ts'

// Set by Temporal itself on what a Schedule starts, also for a backfill asked for in its UI.
const scheduledStart = defineSearchAttributeKey(
  'TemporalScheduledStartTime',
  SearchAttributeType.DATETIME,
)

/** One tick of a schedule: decides about what is due of it, then starts the workflow of its own session's attempt. */
export async function fireSchedule(input: FireScheduleInput): Promise<string> {
  const { typedSearchAttributes, startTime } = workflowInfo()
  const { scheduleId, delaySeconds = 0 } = input
  const tick = typedSearchAttributes.get(scheduledStart) ?? startTime
  if (delaySeconds > 0) await sleep(delaySeconds * 1000)
  const scheduledTime = tick.toISOString()
  const attempt = await CancellationScope.nonCancellable(() =>
    onTick.openScheduledSession({ scheduleId, scheduledTime, firedAt: startTime.toISOString() }),
  )
  if (attempt === null) return 'No attempt: the session exists already, or is to be skipped'

  try {
    await startChild(attempt.workflowType, {
      ...attemptStart(attempt),
      // The attempt outlives this tick.
      parentClosePolicy: ParentClosePolicy.ABANDON,
    })
  } catch (error) {
    // The API, which looks for attempts that are not started, was quicker.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
  return `Started attempt ${attempt.attemptId} for ${attempt.sessionTime}`
}

// What a tick does takes a moment, or a schedule's delay: attempts begin on the newest code.
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, fireSchedule)
