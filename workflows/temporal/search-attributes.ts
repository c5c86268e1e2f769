import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} from '@temporalio/common'
import type { ScheduledAttempt } from '../activities.ts'

/** The search attributes of an attempt's workflow; their types stand in `contract.ts` too. */
export function attemptSearchAttributes(
  attempt: Pick<ScheduledAttempt, 'attemptId' | 'project' | 'workflow' | 'sessionTime'>,
): TypedSearchAttributes {
  const { KEYWORD, DATETIME, INT } = SearchAttributeType
  return new TypedSearchAttributes([
    { key: defineSearchAttributeKey('SuiroProject', KEYWORD), value: attempt.project },
    { key: defineSearchAttributeKey('SuiroWorkflow', KEYWORD), value: attempt.workflow },
    {
      key: defineSearchAttributeKey('SuiroSessionTime', DATETIME),
      value: new Date(attempt.sessionTime),
    },
    { key: defineSearchAttributeKey('SuiroAttemptId', INT), value: attempt.attemptId },
  ])
}
