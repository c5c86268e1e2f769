import type { Attempt } from '#store/types.ts'
import type { StartableAttempt } from '#workflows/attempt-start.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import { actorText } from '#workflows/domain/actor.ts'

/** An attempt as it is passed to Temporal. */
export type Startable = (attempt: Attempt) => StartableAttempt

/** `url`: where people reach the API, for links; without it there are none. */
export const createStartable =
  (url?: string): Startable =>
  (attempt) => ({
    attemptId: attempt.id,
    temporalId: attempt.temporalId,
    project: attempt.projectName,
    workflow: attempt.workflowName,
    sessionTime: formatSessionTime(attempt.sessionTime, attempt.timezone),
    timezone: attempt.timezone,
    retryAttemptName: attempt.retryAttemptName,
    ...(attempt.reason === null ? {} : { reason: attempt.reason }),
    ...(attempt.reason === 'backfill' ? { backfill: true } : {}),
    ...(attempt.actor === null ? {} : { startedBy: actorText(attempt.actor) }),
    ...(url === undefined ? {} : { page: `${url}/api/attempts/${attempt.id}` }),
  })
