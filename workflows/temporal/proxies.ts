import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow'
import type { RetryPolicy } from '@temporalio/common'
import { taskFailed, type Activities } from '../activities.ts'
import type { WorkerActivities } from '../step.ts'

// Only a failed task ends a call; a lost worker or an unreachable database is tried again without end,
// because the attempt can be killed at any time and its state is stored in Temporal meanwhile.
const untilItWorks: RetryPolicy = {
  initialInterval: '500 milliseconds',
  backoffCoefficient: 2,
  maximumInterval: '20 seconds',
  nonRetryableErrorTypes: [taskFailed],
}

/**
 * Beside the workflow, without a way over the server. A step answers within two seconds, whatever becomes
 * of its calls, and is asked again by the workflow itself (`steps.ts`).
 */
export const local = proxyLocalActivities<Record<string, WorkerActivities['takeStep']>>({
  startToCloseTimeout: '20 seconds',
  retry: { maximumAttempts: 1 },
})

/** A tick's calls, one at a time: nothing else is under way in its workflow. */
export const tick = proxyLocalActivities<Pick<Activities, 'openScheduledSession' | 'attemptEnd'>>({
  startToCloseTimeout: '1 minute',
  localRetryThreshold: '10 seconds',
  retry: untilItWorks,
})

/**
 * On the task queue of a resource. A worker that is silent for 30 seconds is taken for dead. A kill waits
 * until the operator has really stopped. The activity itself fails a task that runs for a day (Digdag's
 * `task_ttl`); Temporal's own timeout, which would start the task again, only comes after that.
 */
export const remote = proxyActivities<Pick<Activities, 'runTask'>>({
  startToCloseTimeout: '25 hours',
  heartbeatTimeout: '30 seconds',
  retry: untilItWorks,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
})
