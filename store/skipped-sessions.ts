import { jsonText } from './json-text.ts'
import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import type { Actor } from '#workflows/domain/actor.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'

/**
 * Why sessions of a schedule have no attempt: an attempt of the workflow ran (`skip_on_overtime`), it was too late
 * (`skip_delayed_by`), nothing ran for longer than is caught up, a person passed over them, a push moved the schedule
 * past them.
 */
export type SkipReason = 'overtime' | 'delayed' | 'missed' | 'skipped' | 'push'

/** Sessions from one time on, and before another. */
export interface SessionRange {
  readonly from: Date
  readonly until: Date
}

/** Sessions that are passed, and how many they are; null where nobody has counted them. */
export interface PassedSessions extends SessionRange {
  readonly sessions: number | null
}

export interface NewSkippedSessions extends PassedSessions {
  readonly reason: SkipReason
  readonly actor: Actor
}

export interface SkippedSessions extends Omit<NewSkippedSessions, 'sessions'> {
  readonly id: number
  readonly scheduleId: ScheduleId
  readonly createdAt: Date
}

export interface SkippedSessionsStore {
  /** Newest first. */
  list(filter: {
    readonly scheduleId: ScheduleId
    readonly lastId?: number
    readonly count: number
  }): Promise<readonly SkippedSessions[]>
  /** Whether a session is among them. */
  includes(scheduleId: ScheduleId, sessionTime: Date): Promise<boolean>
}

export function createSkippedSessions(db: Queryable): SkippedSessionsStore {
  return {
    list: ({ scheduleId, lastId, count }) =>
      rowsOf<SkippedSessions>(
        db,
        `select id, schedule_id as "scheduleId", from_session_time as "from", until_session_time as "until",
          reason, actor, created_at as "createdAt"
        from skipped_sessions
        where schedule_id = $1 and ($2::bigint is null or id < $2)
        order by id desc limit $3`,
        [scheduleId, lastId ?? null, count],
      ),
    async includes(scheduleId, sessionTime) {
      const row = await rowOf(
        db,
        `select from skipped_sessions
        where schedule_id = $1 and from_session_time <= $2 and until_session_time > $2 limit 1`,
        [scheduleId, sessionTime],
      )
      return row !== undefined
    },
  }
}

/**
 * Writes down that sessions will not run, within the caller's transaction. What goes on for the same reason goes on in the
 * same row: a schedule that is late for a day has one.
 */
export async function writeSkipped(
  db: Queryable,
  scheduleId: ScheduleId,
  { from, until, sessions, reason, actor }: NewSkippedSessions,
): Promise<void> {
  const { rowCount } = await db.query(
    `update skipped_sessions set until_session_time = $3, sessions = sessions + $6
    where schedule_id = $1 and until_session_time = $2 and reason = $4 and actor = $5::jsonb
      and reason in ('overtime', 'delayed', 'missed')`,
    [scheduleId, from, until, reason, jsonText(actor), sessions],
  )
  if (rowCount === 1) return
  await db.query(
    `insert into skipped_sessions (schedule_id, from_session_time, until_session_time, reason, actor, sessions)
    values ($1, $2, $3, $4, $5, $6)`,
    [scheduleId, from, until, reason, jsonText(actor), sessions],
  )
}

/** A schedule begins anew at a session: what was passed over from there on is not any more. */
export async function forgetSkipped(
  db: Queryable,
  scheduleId: ScheduleId,
  from: Date,
): Promise<void> {
  await db.query(
    'delete from skipped_sessions where schedule_id = $1 and from_session_time >= $2',
    [scheduleId, from],
  )
  await db.query(
    'update skipped_sessions set until_session_time = $2, sessions = null where schedule_id = $1 and until_session_time > $2',
    [scheduleId, from],
  )
}
