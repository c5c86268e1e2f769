import { jsonText } from './json-text.ts'
import type { Pool } from 'pg'
import { lockSchedule, type LockedSchedule } from './locked-schedule.ts'
import { rowOf, rowsOf } from './queryable.ts'
import { scheduleColumns, scheduleTables } from './schedule-row.ts'
import { transaction } from './transaction.ts'
import { giveTurnBack, takeTurn } from './turns.ts'
import type { NamedSchedule } from '#workflows/contract.ts'
import type { Actor } from '#workflows/domain/actor.ts'
import type { ProjectId, ScheduleId } from '#workflows/domain/ids.ts'
import type { Schedule } from './types.ts'

export interface Schedules {
  find(id: ScheduleId): Promise<Schedule | undefined>
  /** In order of their ids; `lastId`: only ids above it (Digdag pages schedules upwards). */
  list(filter: {
    readonly projectId?: ProjectId
    readonly workflowName?: string
    readonly lastId?: ScheduleId
    readonly count: number
  }): Promise<readonly Schedule[]>
  /** All that are not deleted, for bringing Temporal's schedules in line. */
  all(): Promise<readonly Schedule[]>
  /** Those that Temporal has to be informed of, the ones that run next first, and those to be deleted there. */
  notInLine(): Promise<{
    readonly changed: readonly ScheduleId[]
    readonly removed: readonly ScheduleId[]
  }>
  /** Temporal now has the schedule as it was read; if the row says something else by now, it is to do again. */
  markInLine(schedule: Schedule, hash: string): Promise<void>
  /** Temporal has a deleted schedule no more. */
  markRemoved(id: ScheduleId): Promise<void>
  /**
   * Whether it is this process's turn to compare all of them with a Temporal namespace: once in that time
   * among all processes, and at once with a namespace that they were not compared with last.
   */
  takeTurn(everySeconds: number, namespaceId: string): Promise<boolean>
  /** The comparison was not finished: the next one who asks has the turn. */
  giveTurnBack(): Promise<void>
  /** Disabling twice keeps the first time, as Digdag does, and who it was. */
  disable(id: ScheduleId, actor: Actor): Promise<Schedule | undefined>
  /** How a schedule is called, also a deleted one. */
  named(id: ScheduleId): Promise<NamedSchedule | undefined>
  /** Those that are disabled, in line with Temporal, and not deleted. */
  disabled(): Promise<readonly ScheduleId[]>
  /** Decides about a schedule while nobody else does, in one transaction; undefined when it is deleted. */
  locked<Result>(
    id: ScheduleId,
    decide: (locked: LockedSchedule) => Promise<Result>,
  ): Promise<Result | undefined>
  /**
   * Those that are not disabled and should have run a while ago, or that somebody asked for by then; the most overdue
   * first.
   */
  overdue(olderThanSeconds: number): Promise<readonly Schedule[]>
}

export function createSchedules(db: Pool): Schedules {
  const select = `select ${scheduleColumns} from ${scheduleTables} where s.deleted_at is null`
  const find = (id: ScheduleId) => rowOf<Schedule>(db, `${select} and s.id = $1`, [id])
  return {
    find,
    list: ({ projectId, workflowName, lastId, count }) =>
      rowsOf<Schedule>(
        db,
        `${select}
          and ($1::bigint is null or s.project_id = $1)
          and ($2::text is null or s.workflow_name = $2)
          and ($3::bigint is null or s.id > $3)
        order by s.id limit $4`,
        [projectId ?? null, workflowName ?? null, lastId ?? null, count],
      ),
    all: () => rowsOf<Schedule>(db, `${select} order by s.id`),
    async notInLine() {
      const rows = await rowsOf<{ id: ScheduleId; deleted: boolean }>(
        db,
        `select id, deleted_at is not null as deleted from schedules
        where (deleted_at is null) = (in_line_as is null) order by next_run_time`,
      )
      return {
        changed: rows.filter(({ deleted }) => !deleted).map(({ id }) => id),
        removed: rows.filter(({ deleted }) => deleted).map(({ id }) => id),
      }
    },
    async markInLine({ id, definition, disabledAt }, hash) {
      await db.query(
        `update schedules set in_line_as = case
           when deleted_at is not null
             or definition::text = $2 and (disabled_at is not null) = $3 then $4 end
         where id = $1`,
        [id, jsonText(definition), disabledAt !== null, hash],
      )
    },
    async markRemoved(id) {
      await db.query(
        'update schedules set in_line_as = null where id = $1 and deleted_at is not null',
        [id],
      )
    },
    takeTurn: (everySeconds, namespaceId) =>
      takeTurn(db, 'compare schedules', everySeconds, namespaceId),
    giveTurnBack: () => giveTurnBack(db, 'compare schedules'),
    async disable(id, actor) {
      await db.query(
        `update schedules set updated_at = now(), disabled_at = coalesce(disabled_at, now()),
           disabled_by = case when disabled_at is null then $2::jsonb else disabled_by end,
           in_line_as = case when disabled_at is not null then in_line_as end
         where id = $1 and deleted_at is null`,
        [id, jsonText(actor)],
      )
      return find(id)
    },
    named: (id) =>
      rowOf<NamedSchedule>(
        db,
        `select s.id, p.name as "projectName", s.workflow_name as "workflowName"
        from ${scheduleTables} where s.id = $1`,
        [id],
      ),
    async disabled() {
      const rows = await rowsOf<{ id: ScheduleId }>(
        db,
        `select id from schedules
        where deleted_at is null and disabled_at is not null and in_line_as is not null`,
      )
      return rows.map(({ id }) => id)
    },
    locked: (id, decide) =>
      transaction(db, async (client) => {
        const locked = await lockSchedule(client, id)
        return locked && decide(locked)
      }),
    overdue: (olderThanSeconds) =>
      rowsOf<Schedule>(
        db,
        `${select} and s.disabled_at is null and s.next_run_time <= now()
          and (s.next_run_time <= s.run_until or s.next_run_time < now() - make_interval(secs => $1))
        order by s.next_run_time`,
        [olderThanSeconds],
      ),
  }
}
