import type { Pool, PoolClient } from 'pg'
import {
  acceptAttempt,
  attemptByKey,
  type NewAttempt,
  type StartedAttempt,
} from './accept-attempt.ts'
import { attemptColumns, attemptTables } from './attempt-row.ts'
import type { AttemptFilter } from './attempt-filter.ts'
import { jsonText } from './json-text.ts'
import { listAttempts } from './list-attempts.ts'
import { rowOf, rowsOf } from './queryable.ts'
import { stoppedTasks } from './stopped-tasks.ts'
import { transaction } from './transaction.ts'
import { versionInForce } from './worker-versions.ts'
import type { Actor } from '#workflows/domain/actor.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Attempt, Stall } from './types.ts'

export interface Attempts {
  /** Accepts an attempt, once (`accept-attempt.ts`). */
  start(attempt: NewAttempt): Promise<StartedAttempt>
  find(id: AttemptId): Promise<Attempt | undefined>
  /** That was started with an idempotency key. */
  byKey(key: string): Promise<Attempt | undefined>
  /** Not started, and waiting for an attempt that has ended by now. */
  waitingFor(id: AttemptId): Promise<readonly Attempt[]>
  /** Newest first. */
  list(filter: AttemptFilter): Promise<readonly Attempt[]>
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
  abandon(
    id: AttemptId,
    end: {
      readonly killed: boolean
      readonly why: string
      /** Who killed it, unless somebody had asked for that before. */
      readonly actor?: Actor
    },
  ): Promise<boolean>
  /**
   * Its unfinished tasks count as flagged too: they carry no flag of their own. Who asked first is stored. False when it
   * is finished.
   */
  requestCancel(id: AttemptId, actor: Actor): Promise<boolean>
  /**
   * Once: a finished attempt stays as it is. One that was killed before is no success, and what of it no workflow had come
   * to yet (later branches of large groups, and everything below) becomes canceled.
   */
  finish(id: AttemptId, success: boolean): Promise<AttemptEnd>
}

export interface AttemptEnd {
  /** How it ended, now or before. */
  readonly state: 'success' | 'error' | 'canceled'
  /** Another attempt waited for this end, and it came now. */
  readonly awaited: boolean
}

const select = `select ${attemptColumns} from ${attemptTables}`

export function createAttempts(pool: Pool): Attempts {
  const find = (id: AttemptId) => rowOf<Attempt>(pool, `${select} where a.id = $1`, [id])

  return {
    find,
    byKey: (key) => attemptByKey(pool, key),
    start: (attempt) => acceptAttempt(pool, attempt),
    list: (filter) => listAttempts(pool, filter),
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
      const ended = await rowOf<AttemptEnd>(
        pool,
        `with ended as (
          update attempts set finished_at = now(), success = $2 and not cancel_requested,
            started_at = coalesce(started_at, now())
          where id = $1 and finished_at is null
          returning id, cancel_requested, success
        ), canceled as (
          update tasks t set state = 'canceled', version = version + 1, retry_at = null,
            updated_at = now(), finished_at = coalesce(t.finished_at, now())
          from ended
          where ended.cancel_requested and t.attempt_id = ended.id and (${stoppedTasks})
        )
        select
          case when coalesce(e.success, a.success) then 'success'
            when coalesce(e.cancel_requested, a.cancel_requested) then 'canceled' else 'error' end as state,
          e.id is not null and exists (
            select from attempts next where next.after_attempt_id = e.id) as awaited
        from attempts a left join ended e on e.id = a.id where a.id = $1`,
        [id, success],
      )
      return ended ?? { state: success ? 'success' : 'error', awaited: false }
    },
  }
}

async function abandon(
  client: PoolClient,
  id: AttemptId,
  { killed, why, actor }: Parameters<Attempts['abandon']>[1],
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update attempts set finished_at = now(), success = false,
      cancel_requested = cancel_requested or $2, canceled_by = coalesce(canceled_by, $3::jsonb)
    where id = $1 and finished_at is null`,
    [id, killed, actor === undefined ? null : jsonText(actor)],
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
