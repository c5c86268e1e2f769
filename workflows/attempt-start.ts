import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} from '@temporalio/common'
import type { AttemptInput } from './contract.ts'
import type { StartReason } from './domain/actor.ts'
import type { AttemptId } from './domain/ids.ts'
import { plainMarkdown } from './domain/markdown.ts'

/** What is passed to Temporal of an attempt that is started. */
export interface StartableAttempt {
  readonly attemptId: AttemptId
  /** Id of its workflow; absent of what a worker of the release before answered. */
  readonly temporalId?: string
  readonly project: string
  readonly workflow: string
  /** With the workflow's offset, as people read it. */
  readonly sessionTime: string
  readonly timezone?: string
  readonly retryAttemptName?: string | null
  /** Makes up for a session long past: it is never late. */
  readonly backfill?: true
  readonly reason?: StartReason
  /** Who or what started it, as people read it. */
  readonly startedBy?: string
  /** Its address in the API, where the API's own is known. */
  readonly page?: string
}

const { KEYWORD, DATETIME, INT } = SearchAttributeType

/**
 * How an attempt's workflow is started, by whoever starts it: a client, or a schedule's tick as its child. Its id comes
 * from the attempt, so that starting again is harmless.
 */
export const attemptStart = (attempt: StartableAttempt) => {
  const { attemptId, temporalId, project, workflow, sessionTime } = attempt
  const { retryAttemptName, backfill, page, reason, startedBy } = attempt
  const text = (name: string, value: string | undefined) =>
    value === undefined ? [] : [{ key: defineSearchAttributeKey(name, KEYWORD), value }]
  return {
    workflowId: temporalId ?? `attempt-${attemptId}`,
    args: [
      {
        attempt: titleOf(attempt),
        ...(page === undefined ? {} : { page }),
        attemptId,
        ...(backfill === undefined ? {} : { backfill }),
        namedSteps: true,
      },
    ] as [AttemptInput],
    // Their types are in contract.ts too, for the server to know.
    typedSearchAttributes: new TypedSearchAttributes([
      ...text('SuiroProject', project),
      ...text('SuiroWorkflow', workflow),
      { key: defineSearchAttributeKey('SuiroSessionTime', DATETIME), value: new Date(sessionTime) },
      { key: defineSearchAttributeKey('SuiroAttemptId', INT), value: attemptId },
      ...text('SuiroReason', reason),
      ...text('SuiroStartedBy', startedBy),
    ]),
    memo: {
      project,
      workflow,
      sessionTime,
      ...(retryAttemptName == null ? {} : { retryAttemptName }),
    },
    staticSummary: titleOf(attempt),
    staticDetails: detailsOf(attempt),
  }
}

/** Names the session's time zone, in which its time is meant. */
function titleOf({ project, workflow, sessionTime, timezone, retryAttemptName }: StartableAttempt) {
  const zone = timezone === undefined ? '' : ` (${timezone})`
  const retry = retryAttemptName == null ? '' : `, retry ${retryAttemptName}`
  return `${project}/${workflow} ${sessionTime}${zone}${retry}`
}

/** Markdown, as Temporal's UI shows it. */
function detailsOf(attempt: StartableAttempt): string {
  const { attemptId, page, reason, startedBy } = attempt
  const who = startedBy === undefined ? '' : `, started by ${plainMarkdown(startedBy)}`
  const why = reason === undefined ? '' : ` (${reason})`
  return [
    `**${plainMarkdown(titleOf(attempt))}**`,
    `Attempt ${attemptId}${who}${why}`,
    ...(page === undefined
      ? []
      : [`[attempt](${page}) · [tasks](${page}/tasks) · [log](${page}/log)`]),
  ].join('\n\n')
}
