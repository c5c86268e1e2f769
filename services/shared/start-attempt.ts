import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} from '@temporalio/common'
import { attemptWorkflowId, type AttemptInput } from '#workflows/contract.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'

/** What Temporal is told of an attempt. */
export interface StartableAttempt {
  readonly id: AttemptId
  readonly projectName: string
  readonly workflowName: string
  readonly sessionTime: Date
  readonly retryAttemptName: string | null
}

const { KEYWORD, DATETIME, INT } = SearchAttributeType

/**
 * How an attempt's workflow is started, wherever it is started from. Its id comes from the attempt, and
 * an id is never used twice, so that starting again is harmless.
 */
export function attemptStartOptions(
  attempt: StartableAttempt,
  /** With the workflow's offset, as people read it. */
  sessionTime: string,
) {
  const { id, projectName: project, workflowName: workflow, retryAttemptName } = attempt
  return {
    workflowId: attemptWorkflowId(id),
    taskQueue: 'control',
    args: [{ attemptId: id }] satisfies [AttemptInput],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    typedSearchAttributes: new TypedSearchAttributes([
      { key: defineSearchAttributeKey('SuiroProject', KEYWORD), value: project },
      { key: defineSearchAttributeKey('SuiroWorkflow', KEYWORD), value: workflow },
      {
        key: defineSearchAttributeKey('SuiroSessionTime', DATETIME),
        value: attempt.sessionTime,
      },
      { key: defineSearchAttributeKey('SuiroAttemptId', INT), value: id },
    ]),
    memo: {
      project,
      workflow,
      sessionTime,
      ...(retryAttemptName === null ? {} : { retryAttemptName }),
    },
    staticSummary: `${project}/${workflow} ${sessionTime}`,
  } as const
}
