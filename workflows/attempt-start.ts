import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} from '@temporalio/common'
import { attemptWorkflowId, type AttemptInput } from './contract.ts'
import type { AttemptId } from './domain/ids.ts'

/** What is passed to Temporal of an attempt that is started. */
export interface StartableAttempt {
  readonly attemptId: AttemptId
  readonly project: string
  readonly workflow: string
  /** With the workflow's offset, as people read it. */
  readonly sessionTime: string
  readonly retryAttemptName?: string | null
  /** Makes up for a session long past: it is never late. */
  readonly backfill?: true
}

const { KEYWORD, DATETIME, INT } = SearchAttributeType

/**
 * How an attempt's workflow is started, by whoever starts it: a client, or a schedule's tick as its child. Its id comes
 * from the attempt, so that starting again is harmless.
 */
export const attemptStart = ({
  attemptId,
  project,
  workflow,
  sessionTime,
  retryAttemptName,
  backfill,
}: StartableAttempt) => ({
  workflowId: attemptWorkflowId(attemptId),
  args: [{ attemptId, ...(backfill === undefined ? {} : { backfill }) }] as [AttemptInput],
  // Their types are in contract.ts too, for the server to know.
  typedSearchAttributes: new TypedSearchAttributes([
    { key: defineSearchAttributeKey('SuiroProject', KEYWORD), value: project },
    { key: defineSearchAttributeKey('SuiroWorkflow', KEYWORD), value: workflow },
    { key: defineSearchAttributeKey('SuiroSessionTime', DATETIME), value: new Date(sessionTime) },
    { key: defineSearchAttributeKey('SuiroAttemptId', INT), value: attemptId },
  ]),
  memo: {
    project,
    workflow,
    sessionTime,
    ...(retryAttemptName == null ? {} : { retryAttemptName }),
  },
  staticSummary: `${project}/${workflow} ${sessionTime}`,
})
