import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionStatusName,
} from '@temporalio/client'
import type { Actor } from '#workflows/domain/actor.ts'
import { answeredByOtherCode } from '#workflows/step.ts'
import type { Failing, WorkflowSeen } from './verdict.ts'

/** At its second try at the latest it is no longer a moment's trouble; the third comes ten seconds later. */
const fewestTries = 2

/** What Temporal says of a workflow and, while it runs, of its branches: itself first. */
export async function lookAt(
  client: Client,
  workflowId: string,
  goneSince: (workflowId: string) => Date = () => new Date(),
): Promise<readonly [WorkflowSeen, ...WorkflowSeen[]]> {
  const described = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined
      throw error
    })
  if (described === undefined) {
    const closed = { how: 'gone', at: goneSince(workflowId) } as const
    return [{ workflowId, closed, cancelRequested: false }]
  }
  const { raw, status, closeTime } = described
  const cancelRequested = raw.workflowExtendedInfo?.cancelRequested === true
  const how = closedHow[status.name]
  if (how !== undefined) {
    return [{ workflowId, closed: { how, at: closeTime ?? new Date() }, cancelRequested }]
  }
  const tries = raw.pendingWorkflowTask?.attempt ?? 0
  const failing = tries < fewestTries ? undefined : await lastFailure(client, workflowId, tries)
  const version = pinnedTo(raw)
  const seen: WorkflowSeen = {
    workflowId,
    cancelRequested,
    ...(version && { version }),
    ...(failing && { failing }),
  }
  const branches: WorkflowSeen[] = []
  for (const child of raw.pendingChildren ?? []) {
    if (child.workflowId) branches.push(...(await lookAt(client, child.workflowId)))
  }
  return [seen, ...branches]
}

/** Who canceled or terminated a workflow in Temporal's own UI, or with its command, as far as Temporal knows. */
export async function whoEnded(client: Client, workflowId: string): Promise<Actor> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 50,
  })
  const asked = (history?.events ?? []).flatMap((event) => {
    const canceled = event.workflowExecutionCancelRequestedEventAttributes
    // Of an attempt whose tick was canceled the server's own service is named.
    if (canceled?.externalWorkflowExecution) return { identity: undefined }
    return event.workflowExecutionTerminatedEventAttributes ?? canceled ?? []
  })
  const name = asked[0]?.identity
  return { kind: 'temporal', ...(name ? { name } : {}) }
}

/** The build id of the version that goes on with it; undefined of one that belongs to none. */
function pinnedTo(raw: WorkflowExecutionDescription['raw']): string | undefined {
  const { versioningOverride, deploymentVersion } = raw.workflowExecutionInfo?.versioningInfo ?? {}
  return (versioningOverride?.pinned?.version ?? deploymentVersion)?.buildId || undefined
}

/** The last failure of its workflow task, as the history has it; undefined where it only ran out of time. */
async function lastFailure(
  client: Client,
  workflowId: string,
  tries: number,
): Promise<Failing | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 20,
  })
  for (const event of history?.events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) return undefined
    const failed = event.workflowTaskFailedEventAttributes
    if (!failed) continue
    const seconds = Number(event.eventTime?.seconds ?? Date.now() / 1000)
    const message = failed.failure?.message ?? 'its workflow task fails'
    return {
      since: new Date(seconds * 1000).toISOString(),
      tries,
      message,
      nondeterministic:
        failed.cause === nonDeterministicError || message.includes(answeredByOtherCode),
    }
  }
  return undefined
}

// WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR of Temporal's API.
const nonDeterministicError = 24

const closedHow: Partial<
  Record<WorkflowExecutionStatusName, NonNullable<WorkflowSeen['closed']>['how']>
> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'canceled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
}
