import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import { scheduleColumns, scheduleTables } from './schedule-row.ts'
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
  setDisabled(id: ScheduleId, disabled: boolean): Promise<Schedule | undefined>
  /** After a tick: the session that ran, and the next times. */
  advance(
    id: ScheduleId,
    times: {
      readonly lastSessionTime?: Date
      readonly nextRunTime: Date
      readonly nextSessionTime: Date
    },
  ): Promise<void>
}

export function createSchedules(db: Queryable): Schedules {
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
    async setDisabled(id, disabled) {
      // Disabling twice keeps the first time, as Digdag does.
      await db.query(
        `update schedules set updated_at = now(),
           disabled_at = case when $2 then coalesce(disabled_at, now()) end
         where id = $1 and deleted_at is null`,
        [id, disabled],
      )
      return find(id)
    },
    async advance(id, { lastSessionTime, nextRunTime, nextSessionTime }) {
      await db.query(
        `update schedules set next_run_time = $2, next_session_time = $3, updated_at = now(),
           last_session_time = greatest(last_session_time, $4)
         where id = $1`,
        [id, nextRunTime, nextSessionTime, lastSessionTime ?? null],
      )
    },
  }
}
