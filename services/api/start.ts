import type { Store } from '#store/index.ts'
import type { Attempt, Resume } from '#store/types.ts'
import type { AcceptAttempt } from '#store/accept-attempt.ts'
import type { Actor } from '#workflows/domain/actor.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { slaMistake } from '#workflows/dig/index.ts'
import { IdempotencyKeyReused, RequestInvalid, RevisionGone } from './errors.ts'
import { findToStart, type ToStart } from './find-to-start.ts'
import { checkResume } from './resume.ts'
import { checkRetryName } from './retry-name.ts'
import { findAttempt } from './routes/lookup.ts'
import type { AttemptControl } from './temporal/attempts.ts'
import { instant, readTime } from './time.ts'

interface StartRequest {
  readonly what: ToStart
  /** `now`, or a time. */
  readonly sessionTime: string
  readonly retryAttemptName?: string
  readonly resume?: Resume
  readonly params: JsonObject
  readonly actor: Actor
  readonly idempotencyKey?: string
}

/** `conflict`: the session has an attempt of that name already. */
interface Started {
  readonly outcome: 'started' | 'repeated' | 'conflict'
  readonly attempt: Attempt
}

export type Start = (request: StartRequest) => Promise<Started>

/**
 * Checks what is asked for and accepts it. The answer does not wait for Temporal, which is informed behind it, and by the
 * sweep if it does not listen now: a start is answered the same whether Temporal is up or not.
 */
export function createStart(store: Store, accept: AcceptAttempt, control: AttemptControl): Start {
  return async (request) => {
    const { what, sessionTime, resume, ...wanted } = request
    if (request.retryAttemptName !== undefined) checkRetryName(request.retryAttemptName)
    const workflow = await findToStart(store, what)
    if (workflow.archiveRemovedAt !== null) {
      throw new RevisionGone(workflow.revision, instant(workflow.archiveRemovedAt))
    }
    const wrongSla = slaMistake(workflow.definition)
    if (wrongSla !== undefined) throw new RequestInvalid(wrongSla)
    const time = readSessionTime(sessionTime, workflow.timezone)
    if (resume !== undefined) {
      const earlier = await findAttempt(store, resume.attemptId)
      checkResume(resume, earlier, await store.tasks.ofAttempt(earlier.id))
    }

    const isRetry = resume !== undefined || request.retryAttemptName !== undefined
    const result = await accept({
      ...wanted,
      workflow,
      sessionTime: time,
      reason: isRetry ? 'retry' : 'start',
      ...(resume === undefined ? {} : { resume }),
    })
    const { attempt } = result
    if (!result.created) {
      if (result.reason === 'session-exists') return { outcome: 'conflict', attempt }
      // The session time may differ: a client that repeats itself may have asked its clock again.
      const { projectId, workflowName } = attempt
      if (projectId !== workflow.projectId || workflowName !== workflow.name) {
        throw new IdempotencyKeyReused(request.idempotencyKey ?? '', attempt.id)
      }
    }
    if (attempt.startedAt === null && attempt.finishedAt === null) control.accepted(attempt)
    return { outcome: result.created ? 'started' : 'repeated', attempt }
  }
}

/** Sessions have whole seconds, also the one of now. */
const readSessionTime = (text: string, timezone: string): Date =>
  text === 'now'
    ? new Date(Math.floor(Date.now() / 1000) * 1000)
    : readTime('sessionTime', text, timezone)
