import pg, { type Pool, type PoolClient } from 'pg'
import { attemptColumns, attemptTables } from './attempt-row.ts'
import { jsonText } from './json-text.ts'
import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import { stoppedTasks } from './stopped-tasks.ts'
import { transaction } from './transaction.ts'
import { versionInForce } from './worker-versions.ts'
import type { Actor, StartReason } from '#workflows/domain/actor.ts'
import type { AttemptId, ProjectId, SessionId, WorkflowId } from '#workflows/domain/ids.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { Attempt, Resume, Stall, Workflow } from './types.ts'

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
}

/** An attempt that is asked for; its parameters are stronger than those of the workflow's schedule. */
export interface AttemptRequest extends Omit<NewAttempt, 'workflowId'> {
  readonly workflow: Pick<Workflow, 'id' | 'definition'>
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

export interface Attempts {
  /** Inserts session (unless it is there) and attempt in one transaction. */
  start(attempt: NewAttempt): Promise<StartedAttempt>
  find(id: AttemptId): Promise<Attempt | undefined>
  /** That was started with an idempotency key. */
  byKey(key: string): Promise<Attempt | undefined>
  /** Not started, and waiting for an attempt that has ended by now. */
  waitingFor(id: AttemptId): Promise<readonly Attempt[]>
  /** Newest first. */
  list(filter: {
    readonly projectId?: ProjectId
    readonly workflowName?: string
    readonly sessionId?: SessionId
    /** Also attempts that were followed by another one of the same session. */
    readonly includeRetried: boolean
    readonly lastId?: AttemptId
    readonly count: number
  }): Promise<readonly Attempt[]>
  /**
   * Takes an attempt in order to start its workflow on a version of the workers; undefined where somebody has, it is too
   * late for that, or new attempts begin on another version.
   */
  take(id: AttemptId, version: string): Promise<Attempt | undefined>
  /** Those of them that nobody has taken, or started. */
  untaken(ids: readonly AttemptId[]): Promise<readonly Attempt[]>
  /** Temporal accepted the attempt's workflow. */
  markStarted(id: AttemptId): Promise<void>
  /** Inserted longer than `olderThanSeconds` ago and not waiting for another one, but Temporal never said it took them. */
  unstarted(olderThanSeconds: number): Promise<readonly Attempt[]>
  /** Started, but not finished; those that are to be killed first, then in order of their ids after `after`. */
  open(page: { readonly after: AttemptId; readonly count: number }): Promise<readonly Attempt[]>
  /** Answers whether that changed whether it is stalled. */
  setStalled(id: AttemptId, stalled: Stall | null): Promise<boolean>
  /**
   * Ends an attempt whose workflow is gone: what of it had begun becomes canceled, and the root says why.
   * False when it is finished.
   */
  abandon(id: AttemptId, end: { readonly killed: boolean; readonly why: string }): Promise<boolean>
  /**
   * Its unfinished tasks count as flagged too: they carry no flag of their own. Who asked first is stored. False when it
   * is finished.
   */
  requestCancel(id: AttemptId, actor: Actor): Promise<boolean>
  /**
   * Once: a finished attempt stays as it is. One that was killed before is no success, and what of it no workflow had come
   * to yet (later branches of large groups, and everything below) becomes canceled. Answers whether another attempt
   * waited for this end.
   */
  finish(id: AttemptId, success: boolean): Promise<boolean>
}

const { DatabaseError } = pg

const select = `select ${attemptColumns} from ${attemptTables}`

/** PostgreSQL's code for a broken unique constraint. */
const uniqueViolation = '23505'

const isTaken = (error: unknown): boolean =>
  error instanceof DatabaseError && error.code === uniqueViolation

export function createAttempts(pool: Pool): Attempts {
  const find = (id: AttemptId) => rowOf<Attempt>(pool, `${select} where a.id = $1`, [id])

  return {
    find,
    byKey: (key) => attemptByKey(pool, key),
    async start(attempt) {
      const key = attempt.idempotencyKey
      try {
        return (
          (await startNew(pool, attempt)) ??
          (await transaction(pool, (client) => startWithin(client, attempt)))
        )
      } catch (error) {
        // Someone else used the key between our look and our insert.
        const other =
          isTaken(error) && key !== undefined ? await attemptByKey(pool, key) : undefined
        if (other === undefined) throw error
        return { created: false, reason: 'idempotency-key', attempt: other }
      }
    },
    list: ({ projectId, workflowName, sessionId, includeRetried, lastId, count }) =>
      rowsOf<Attempt>(
        pool,
        `${select}
        where ($1::bigint is null or a.project_id = $1)
          and ($2::text is null or s.workflow_name = $2)
          and ($3::bigint is null or a.session_id = $3)
          and ($4 or not exists (
            select from attempts later where later.session_id = a.session_id and later.index > a.index))
          and ($5::bigint is null or a.id < $5)
        order by a.id desc limit $6`,
        [
          projectId ?? null,
          workflowName ?? null,
          sessionId ?? null,
          includeRetried,
          lastId ?? null,
          count,
        ],
      ),
    waitingFor: (id) =>
      rowsOf<Attempt>(
        pool,
        `${select}
        where a.after_attempt_id = $1 and a.started_at is null and a.finished_at is null
          and exists (select from attempts before where before.id = $1 and before.finished_at is not null)`,
        [id],
      ),
    take: (id, version) =>
      rowOf<Attempt>(
        pool,
        `with a as (
          update attempts set taken_at = now()
          where id = $1 and taken_at is null and started_at is null and finished_at is null
            and ${versionInForce} = $2
          returning *
        )
        select ${attemptColumns} from ${attemptTables.replace('attempts a', 'a')}`,
        [id, version],
      ),
    untaken: (ids) =>
      rowsOf<Attempt>(
        pool,
        `${select}
        where a.id = any($1) and a.taken_at is null and a.started_at is null and a.finished_at is null
        order by a.id`,
        [ids],
      ),
    async markStarted(id) {
      await pool.query(
        'update attempts set started_at = now() where id = $1 and started_at is null',
        [id],
      )
    },
    unstarted: (olderThanSeconds) =>
      rowsOf<Attempt>(
        pool,
        `${select}
        where a.started_at is null and a.finished_at is null
          and a.created_at < now() - make_interval(secs => $1)
          and not exists (
            select from attempts before where before.id = a.after_attempt_id and before.finished_at is null)
        order by a.id limit 1000`,
        [olderThanSeconds],
      ),
    open: ({ after, count }) =>
      rowsOf<Attempt>(
        pool,
        `${select}
        where a.started_at is not null and a.finished_at is null
          and (a.cancel_requested or a.id > $1)
        order by a.cancel_requested desc, a.id limit $2`,
        [after, count],
      ),
    async setStalled(id, stalled) {
      const { rows } = await pool.query<{ before: boolean }>(
        `update attempts a set stalled = $2::jsonb from (select id, stalled from attempts where id = $1) old
        where a.id = old.id and a.finished_at is null and a.stalled is distinct from $2::jsonb
        returning old.stalled is not null as before`,
        [id, stalled === null ? null : jsonText(stalled)],
      )
      return rows[0] !== undefined && rows[0].before !== (stalled !== null)
    },
    abandon: (id, end) => transaction(pool, (client) => abandon(client, id, end)),
    async requestCancel(id, actor) {
      const { rowCount } = await pool.query(
        `update attempts set cancel_requested = true, canceled_by = coalesce(canceled_by, $2::jsonb)
        where id = $1 and finished_at is null`,
        [id, jsonText(actor)],
      )
      return rowCount === 1
    },
    async finish(id, success) {
      const ended = await rowOf<{ awaited: boolean }>(
        pool,
        `with ended as (
          update attempts set finished_at = now(), success = $2 and not cancel_requested,
            started_at = coalesce(started_at, now())
          where id = $1 and finished_at is null
          returning id, cancel_requested
        ), canceled as (
          update tasks t set state = 'canceled', version = version + 1, retry_at = null,
            updated_at = now(), finished_at = coalesce(t.finished_at, now())
          from ended
          where ended.cancel_requested and t.attempt_id = ended.id and (${stoppedTasks})
        )
        select exists (
          select from attempts next where next.after_attempt_id = ended.id) as awaited from ended`,
        [id, success],
      )
      return ended?.awaited === true
    },
  }
}

const attemptByKey = (db: Queryable, key: string): Promise<Attempt | undefined> =>
  rowOf<Attempt>(db, `${select} where a.idempotency_key = $1`, [key])

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

async function abandon(
  client: PoolClient,
  id: AttemptId,
  { killed, why }: { readonly killed: boolean; readonly why: string },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update attempts set finished_at = now(), success = false,
      cancel_requested = cancel_requested or $2
    where id = $1 and finished_at is null`,
    [id, killed],
  )
  if (rowCount !== 1) return false
  await client.query(
    `update tasks t set version = version + 1, retry_at = null, updated_at = now(),
      state = case when parent_id is null and not $2 then 'group_error' else 'canceled' end,
      error = case when parent_id is null then json_build_object('message', $3::text) else error end,
      finished_at = coalesce(finished_at, now())
    where attempt_id = $1 and (${stoppedTasks})`,
    [id, killed, why],
  )
  return true
}

/** The session of an attempt; its row is locked. `$1`: the workflow, `$2`: the session time. */
const openSession = `insert into sessions (project_id, workflow_name, session_time)
  select project_id, name, $2 from workflows where id = $1
  on conflict (project_id, workflow_name, session_time)
    do update set session_time = excluded.session_time
  returning id, project_id, uuid, session_time`

/** The values of `$1` to `$9` for `insertAttempt`. */
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
]

/** Inserts an attempt of the row `session`, unless that has one of this name, and answers it. */
const insertAttempt = `a as (
    insert into attempts (session_id, project_id, workflow_id, index, retry_attempt_name, params,
      resume, idempotency_key, actor, reason, after_attempt_id)
    select session.id, session.project_id, $1,
      (select coalesce(max(index), 0) + 1 from attempts where session_id = session.id),
      $3, $4, $5, $6, $7, $8, $9
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
