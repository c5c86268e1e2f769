import type { Activities } from '#workflows/activities.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Store } from '#store/index.ts'

/** Hears of attempts that have ended and for whose end another one waits, and neither fails nor lets anybody wait for what it does then. */
export type AttemptEnded = (id: AttemptId) => void

/** Writes an attempt's end; one that has ended stays as it is. */
export function createCloseAttempt(
  store: Store,
  attemptEnded: AttemptEnded = () => undefined,
): Pick<Activities, 'closeAttempt'> {
  return {
    async closeAttempt({ attemptId, state }) {
      // Killed in Temporal's own UI: then nobody has informed the store before.
      if (state === 'canceled') await store.attempts.requestCancel(attemptId, { kind: 'temporal' })
      const end = await store.attempts.finish(attemptId, state === 'success')
      if (end.awaited) attemptEnded(attemptId)
      return { state: end.state }
    },
  }
}
