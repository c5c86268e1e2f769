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
