import type { Client } from '@temporalio/client'
import type { Attempts } from '#store/attempts.ts'
import type { Log } from '#services/shared/log.ts'
import type { AttemptControl } from './attempts.ts'
import type { CatchUp } from './catch-up.ts'
import type { Pauses } from './pauses.ts'
import type { ScheduleControl } from './schedules.ts'
import { registerSearchAttributes } from '#services/shared/search-attributes.ts'

export interface SweepNeeds {
  readonly client: Client
  readonly attempts: Pick<Attempts, 'unstarted'>
  readonly control: Pick<AttemptControl, 'start'>
  readonly schedules: Pick<ScheduleControl, 'syncIfDue'>
  readonly pauses: Pauses
  readonly catchUp: Pick<CatchUp, 'overdue'>
  /** Throws when Temporal is away: then there is nothing to try. */
  readonly check: () => Promise<void>
  readonly log: Log
  readonly everyMs?: number
  /** Younger attempts are left to the request that made them. */
  readonly olderThanSeconds?: number
}

/** Looks every few seconds for what was accepted but has not reached Temporal, and brings it there. */
export interface Sweep {
  /** Answers after the first look. */
  start(): Promise<void>
  once(): Promise<void>
  stop(): Promise<void>
}

export function createSweep(needs: SweepNeeds): Sweep {
  const { client, attempts, control, schedules, pauses, catchUp, check, log } = needs
  const { everyMs = 5_000, olderThanSeconds = 5 } = needs
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  let registered = false

  const once = async (): Promise<void> => {
    await check()
    if (!registered) {
      await registerSearchAttributes(client)
      registered = true
    }
    for (const attempt of await attempts.unstarted(olderThanSeconds)) await control.start(attempt)
    // Before what is due is started: whoever paused it wants nothing of it to run.
    await pauses.compare()
    await catchUp.overdue()
    await schedules.syncIfDue()
  }

  const round = async (): Promise<void> => {
    let pause = everyMs
    try {
      await once()
    } catch (error) {
      pause = Math.min(everyMs, 1_000)
      log.warn({ err: error }, 'sweep failed; will try again')
    }
    if (!stopped) timer = setTimeout(() => void begin(), pause)
  }
  const begin = (): Promise<void> => (running = round())

  return {
    start: begin,
    once,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
