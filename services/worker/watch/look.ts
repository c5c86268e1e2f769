import { isGrpcServiceError, type Client } from '@temporalio/client'
import { temporal } from '@temporalio/proto'
import type { Failing, WorkflowSeen } from './verdict.ts'

const { WorkflowExecutionStatus, WorkflowTaskFailedCause } = temporal.api.enums.v1

/** At its second try at the latest it is no longer a moment's trouble; the third comes ten seconds later. */
const fewestFailures = 2

/** What Temporal says of a workflow and, while it runs, of its branches: itself first. */
export async function lookAt(
  client: Client,
  workflowId: string,
): Promise<readonly [WorkflowSeen, ...WorkflowSeen[]]> {
  const { namespace } = client.options
  const described = await client.workflowService
    .describeWorkflowExecution({ namespace, execution: { workflowId } })
    .catch((error: unknown) => {
      if (isGrpcServiceError(error) && error.code === notFound) return undefined
      throw error
    })
  if (described === undefined) {
    return [{ workflowId, closed: { how: 'gone' }, cancelRequested: false }]
  }
  const info = described.workflowExecutionInfo
  const cancelRequested = described.workflowExtendedInfo?.cancelRequested === true
  const how = closedHow.get(info?.status ?? 0)
  if (how !== undefined) {
    const at = dateOf(info?.closeTime)
    return [{ workflowId, closed: { how, ...(at && { at }) }, cancelRequested }]
  }
  const tries = described.pendingWorkflowTask?.attempt ?? 0
  const failing = tries < fewestFailures ? undefined : await lastFailure(client, workflowId, tries)
  const seen: WorkflowSeen = { workflowId, cancelRequested, ...(failing && { failing }) }
  const branches: WorkflowSeen[] = []
  for (const child of described.pendingChildren ?? []) {
    if (child.workflowId) branches.push(...(await lookAt(client, child.workflowId)))
  }
  return [seen, ...branches]
}

/** The last failure of its workflow task, as the history has it; undefined where it only ran out of time. */
async function lastFailure(
  client: Client,
  workflowId: string,
  tries: number,
): Promise<Failing | undefined> {
  const { namespace } = client.options
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution: { workflowId },
    maximumPageSize: 20,
  })
  for (const event of history?.events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) return undefined
    const failed = event.workflowTaskFailedEventAttributes
    if (!failed) continue
    const { NON_DETERMINISTIC_ERROR } = causes
    return {
      since: (dateOf(event.eventTime) ?? new Date()).toISOString(),
      tries,
      message: failed.failure?.message ?? 'its workflow task fails',
      nondeterministic: failed.cause === NON_DETERMINISTIC_ERROR,
    }
  }
  return undefined
}

// gRPC's NOT_FOUND.
const notFound = 5

const causes = {
  NON_DETERMINISTIC_ERROR:
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
}

const closedHow: ReadonlyMap<number, NonNullable<WorkflowSeen['closed']>['how']> = new Map([
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED, 'completed'],
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED, 'failed'],
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED, 'canceled'],
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED, 'terminated'],
  [WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT, 'timed out'],
])

function dateOf(
  time: temporal.api.history.v1.IHistoryEvent['eventTime'] | undefined,
): Date | undefined {
  if (!time) return undefined
  return new Date(Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6)
}
