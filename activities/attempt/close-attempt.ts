import type { Activities } from '#workflows/activities.ts'
import type { AttemptId } from '#workflows/domain/ids.ts'
import type { Store } from '#store/index.ts'

/** Hears of attempts that have ended, and neither fails nor lets anybody wait for what it does then. */
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
      // A kill that came too late to stop anything is a kill all the same.
      const attempt = await store.attempts.find(attemptId)
      if (attempt?.cancelRequested === true) {
        // What no workflow had come to yet: later branches of large groups, and everything below.
        await store.tasks.cancelUnfinished(attemptId)
      }
      await store.attempts.finish(attemptId, state === 'success')
      attemptEnded(attemptId)
    },
  }
}
