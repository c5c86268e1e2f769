import type { Log } from '#services/shared/log.ts'
import type { RetentionPolicy } from '#store/retention/policy.ts'
import type { Retention } from '#store/retention/retention.ts'

export interface RoundNeeds {
  readonly retention: Retention
  readonly policy: RetentionPolicy
  readonly log: Pick<Log, 'info'>
  /** Between two rounds of all workers together. */
  readonly everySeconds?: number
  /** A round that has taken so long leaves the rest to the next one. */
  readonly mostMs?: number
}

/** One round of retention, where it is this worker's turn: takes away what has been kept long enough. */
export function createRetentionRound(needs: RoundNeeds): (stopping: AbortSignal) => Promise<void> {
  const { retention, policy, log, everySeconds = 600, mostMs = 60_000 } = needs
  return async (stopping) => {
    if (!(await retention.takeTurn(everySeconds))) return
    const deadline = Date.now() + mostMs
    const removed: Record<string, number> = {}
    for await (const { what, count } of retention.steps(policy)) {
      removed[what] = (removed[what] ?? 0) + count
      if (Date.now() > deadline || stopping.aborted) break
    }
    if (Object.keys(removed).length > 0) log.info({ removed }, 'what was kept long enough is gone')
  }
}
