import type { Client } from '@temporalio/client'
import type { Schedules } from '#store/schedules.ts'
import type { Log } from '#services/shared/log.ts'
import { withPatience } from '#services/shared/patience.ts'
import { idOfTemporalSchedule, temporalScheduleId } from '#workflows/contract.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { hashOf } from './schedules.ts'

/** Sees what people pause and unpause in Temporal's own UI, so that the API and its clients say the same. */
export interface Pauses {
  /** Compares the paused ones there with the disabled ones here. */
  compare(): Promise<void>
}

export interface PausesNeeds {
  readonly client: Client
  readonly schedules: Pick<Schedules, 'find' | 'disabled' | 'disable' | 'markInLine' | 'locked'>
  readonly log: Pick<Log, 'info'>
}

// P1. Temporal's list is a moment behind: it only says where to look, the schedule itself says what it is.
// P2. A schedule whose row Temporal has not been informed of yet is left to that.
// P3. Whoever is quicker meanwhile is put right by the next comparison.

export function createPauses({ client, schedules, log }: PausesNeeds): Pauses {
  const look = async (id: ScheduleId): Promise<void> => {
    const schedule = await schedules.find(id)
    if (schedule === undefined || schedule.inLineAs === null) return
    const handle = client.schedule.getHandle(temporalScheduleId(schedule))
    const { paused } = (await withPatience(client, () => handle.describe())).state
    if (paused === (schedule.disabledAt !== null)) return
    if (paused) {
      const disabled = await schedules.disable(id, { kind: 'temporal' })
      if (disabled !== undefined) await schedules.markInLine(disabled, hashOf(disabled))
      log.info({ schedule: id }, "paused in Temporal's own UI: disabled here")
      return
    }
    // What fell due meanwhile runs only as far as it would after an outage: nobody here asked for it.
    const enabled = await schedules.locked(id, (locked) => locked.enable())
    if (enabled !== undefined) await schedules.markInLine(enabled, hashOf(enabled))
    log.info({ schedule: id }, "unpaused in Temporal's own UI: enabled here")
  }

  return {
    async compare() {
      const paused = new Set<ScheduleId>()
      const query = 'TemporalSchedulePaused = true'
      for await (const { scheduleId } of client.schedule.list({ query, pageSize: 1_000 })) {
        const id = idOfTemporalSchedule(scheduleId)
        if (id !== undefined && scheduleId !== `schedule-${id}`) paused.add(id)
      }
      const disabled = new Set(await schedules.disabled())
      const differing = [
        ...[...paused].filter((id) => !disabled.has(id)),
        ...[...disabled].filter((id) => !paused.has(id)),
      ]
      for (const id of differing) await look(id)
    },
  }
}
