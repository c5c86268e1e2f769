import pg, { type Pool, type PoolClient } from 'pg'
import { attemptColumns, attemptTables } from './attempt-row.ts'
import { jsonText } from './json-text.ts'
import { rowOf, type Queryable } from './queryable.ts'
import { transaction } from './transaction.ts'
import { prefixIfKnown } from './worker-versions.ts'
import type { Actor, StartReason } from '#workflows/domain/actor.ts'
import type { AttemptId, SessionId, WorkflowId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Attempt, Resume, Workflow } from './types.ts'

export interface NewAttempt {
  readonly workflowId: WorkflowId
  readonly sessionTime: Date
  readonly retryAttemptName?: string
  readonly params: JsonObject
  /** Who asked for it, and through what. */
  readonly actor: Actor
  readonly reason: StartReason
  readonly resume?: Resume
  readonly idempotencyKey?: string
  /** It does not start before that one has ended, whatever its end. */
  readonly afterAttemptId?: AttemptId
  /** When a schedule's session was to run. */
  readonly dueAt?: Date
  /** Its workflow is called so in Temporal, then `/attempt-<id>`, once all workers that live know that. */
  readonly temporalPrefix?: string
}

/** An attempt that is asked for; its parameters are stronger than those of the workflow's schedule. */
export interface AttemptRequest extends Omit<NewAttempt, 'workflowId' | 'temporalPrefix'> {
  readonly workflow: Pick<Workflow, 'id' | 'definition' | 'name' | 'projectName' | 'timezone'>
}

/** Accepts an attempt: from the moment it is in the store it will run, whoever is interrupted then. */
export type AcceptAttempt = (request: AttemptRequest) => Promise<StartedAttempt>

/**
 * `created` is false, and the attempt the one that is there already, when the session has an attempt of that retry
 * name, or when the idempotency key was used before (`reason` says which).
 */
export type StartedAttempt =
  | { readonly created: true; readonly attempt: Attempt }
  | {
      readonly created: false
      readonly reason: 'session-exists' | 'idempotency-key'
      readonly attempt: Attempt
    }

const { DatabaseError } = pg

/** PostgreSQL's code for a broken unique constraint. */
const uniqueViolation = '23505'

const isTaken = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === uniqueViolation

/** Inserts session (unless it is there) and attempt, both or nothing. */
export async function acceptAttempt(pool: Pool, attempt: NewAttempt): Promise<StartedAttempt> {
  const key = attempt.idempotencyKey
  try {
    return (
      (await startNew(pool, attempt)) ??
      (await transaction(pool, (client) => startWithin(client, attempt)))
    )
  } catch (error) {
    // Someone else used the key between our look and our insert.
    const other = isTaken(error) && key !== undefined ? await attemptByKey(pool, key) : undefined
    if (other === undefined) throw error
    return { created: false, reason: 'idempotency-key', attempt: other }
  }
}

/** That was started with this idempotency key. */
export const attemptByKey = (db: Queryable, key: string): Promise<Attempt | undefined> =>
  rowOf<Attempt>(
    db,
    `select ${attemptColumns} from ${attemptTables} where a.idempotency_key = $1`,
    [key],
  )

/** Starts an attempt within the caller's transaction: no other request sees it before that is committed. */
export async function startWithin(
  client: PoolClient,
  attempt: NewAttempt,
): Promise<StartedAttempt> {
  const { idempotencyKey: key } = attempt
  const before = key === undefined ? undefined : await attemptByKey(client, key)
  if (before !== undefined) return { created: false, reason: 'idempotency-key', attempt: before }
  return insert(client, attempt)
}

/** The session of an attempt; its row is locked. `$1`: the workflow, `$2`: the session time. */
const openSession = `insert into sessions (project_id, workflow_name, session_time)
  select project_id, name, $2 from workflows where id = $1
  on conflict (project_id, workflow_name, session_time)
    do update set session_time = excluded.session_time
  returning id, project_id, uuid, session_time`

/** The values of `$1` to `$11` for `insertAttempt`. */
const valuesOf = (attempt: NewAttempt): readonly unknown[] => [
  attempt.workflowId,
  attempt.sessionTime,
  attempt.retryAttemptName ?? '',
  jsonText(attempt.params),
  attempt.resume === undefined ? null : jsonText(attempt.resume),
  attempt.idempotencyKey ?? null,
  jsonText(attempt.actor),
  attempt.reason,
  attempt.afterAttemptId ?? null,
  attempt.dueAt ?? null,
  attempt.temporalPrefix ?? null,
]

/** Inserts an attempt of the row `session`, unless that has one of this name, and answers it. */
const insertAttempt = `a as (
    insert into attempts (session_id, project_id, workflow_id, index, retry_attempt_name, params,
      resume, idempotency_key, actor, reason, after_attempt_id, due_at, temporal_prefix)
    select session.id, session.project_id, $1,
      (select coalesce(max(index), 0) + 1 from attempts where session_id = session.id),
      $3, $4, $5, $6, $7, $8, $9, $10, ${prefixIfKnown('$11')}
    from session
    where not exists (
      select from attempts where session_id = session.id and retry_attempt_name = $3)
    returning *
  )
  select ${attemptColumns}
  from ${attemptTables.replace('attempts a', 'a').replace('sessions s', 'session s')}`

/** The usual case in one statement. Undefined where another attempt, of now or of before, is in its way. */
async function startNew(pool: Pool, attempt: NewAttempt): Promise<StartedAttempt | undefined> {
  try {
    const row = await rowOf<Attempt>(
      pool,
      `with session as (${openSession}), ${insertAttempt}`,
      valuesOf(attempt),
    )
    return row && { created: true, attempt: row }
  } catch (error) {
    if (isTaken(error)) return undefined
    throw error
  }
}

/** The session's row is locked first, so that two starts of one session come one after the other. */
async function insert(client: PoolClient, attempt: NewAttempt): Promise<StartedAttempt> {
  const session = await rowOf<{ id: SessionId }>(client, openSession, [
    attempt.workflowId,
    attempt.sessionTime,
  ])
  if (session === undefined) throw new Error(`Workflow ${attempt.workflowId} does not exist`)
  const row = await rowOf<Attempt>(
    client,
    `with session as (
      select s.id, s.project_id, s.uuid, s.session_time
      from workflows w join sessions s on s.project_id = w.project_id and s.workflow_name = w.name
      where w.id = $1 and s.session_time = $2
    ), ${insertAttempt}`,
    valuesOf(attempt),
  )
  if (row !== undefined) return { created: true, attempt: row }
  const standing = await rowOf<Attempt & { readonly key: string | null }>(
    client,
    `select ${attemptColumns}, a.idempotency_key as key from ${attemptTables}
    where a.session_id = $1 and a.retry_attempt_name = $2`,
    [session.id, attempt.retryAttemptName ?? ''],
  )
  if (standing === undefined) throw new Error('PostgreSQL did not answer the inserted attempt')
  // The same request sent twice at once: the other one won the session while this one waited.
  const { key, ...before } = standing
  const repeated = attempt.idempotencyKey !== undefined && key === attempt.idempotencyKey
  return {
    created: false,
    reason: repeated ? 'idempotency-key' : 'session-exists',
    attempt: before,
  }
}
