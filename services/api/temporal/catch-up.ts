import { setTimeout } from 'node:timers/promises'
import type { Schedules } from '#store/schedules.ts'
import type { Log } from '#services/shared/log.ts'
import type { SettleSchedule } from '#services/shared/settle-schedule.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { createSlots } from '#workflows/domain/slots.ts'
import type { AttemptControl } from './attempts.ts'
import type { ScheduleControl } from './schedules.ts'

/**
 * Starts sessions that have fallen due without a tick of Temporal: those of a pause, those since a push's `schedule_from`,
 * those whose run was moved by hand, and what an outage has left over.
 */
export interface CatchUp {
  /**
   * What is due of these schedules. Never fails, and answers within a moment: what is left over then goes on behind the
   * answer, or is done by the sweep.
   */
  soon(ids: readonly ScheduleId[]): Promise<void>
  /** Of all schedules; what goes on behind is not begun twice. */
  overdue(): Promise<void>
  /** Waits for what goes on behind answers; nothing new is begun. */
  stop(): Promise<void>
}

export interface CatchUpNeeds {
  readonly schedules: Pick<Schedules, 'overdue'>
  readonly settle: SettleSchedule
  readonly control: Pick<AttemptControl, 'start'>
  readonly inTemporal: Pick<ScheduleControl, 'isPaused'>
  readonly log: Log
  readonly answerAfterMs?: number
  /** What should have run by then is left to Temporal's ticks. */
  readonly olderThanSeconds?: number
}

const sideBySide = 8

export function createCatchUp(needs: CatchUpNeeds): CatchUp {
  const { schedules, settle, control, inTemporal, log } = needs
  const { answerAfterMs = 500, olderThanSeconds = 30 } = needs
  const slot = createSlots(sideBySide)
  const busy = new Map<ScheduleId, Promise<void>>()
  let stopped = false

  /** So many sessions at a time, until none is due: each is in Temporal before more are accepted. */
  const all = async (id: ScheduleId): Promise<void> => {
    try {
      // Whoever paused it in Temporal's own UI wants nothing of it to run.
      if (await inTemporal.isPaused(id)) return
      for (let more = true; more && !stopped;) {
        const settled = await settle(id)
        await Promise.all(settled.started.map((attempt) => control.start(attempt)))
        more = settled.more
      }
    } catch (error) {
      log.warn({ err: error, schedule: id }, 'sessions that are due not started; will try again')
    }
  }

  const begin = (id: ScheduleId): Promise<void> => {
    const under = busy.get(id)
    if (under !== undefined) return under
    const work = slot(() => (stopped ? Promise.resolve() : all(id))).finally(() => busy.delete(id))
    busy.set(id, work)
    return work
  }

  return {
    async soon(ids) {
      if (ids.length === 0) return
      const waited = new AbortController()
      const pause = setTimeout(answerAfterMs, undefined, { signal: waited.signal }).catch(
        () => undefined,
      )
      const begun = ids.map(async (id) => {
        // What goes on already may have looked before these fell due.
        await busy.get(id)
        await begin(id)
      })
      await Promise.race([Promise.all(begun), pause]).finally(() => waited.abort())
    },
    async overdue() {
      for (const { id } of await schedules.overdue(olderThanSeconds)) void begin(id)
    },
    async stop() {
      stopped = true
      await Promise.allSettled(busy.values())
    },
  }
}
