import type { Activities } from '#workflows/activities.ts'
import type { Store } from '#store/index.ts'

/** Writes an attempt's end; one that has ended stays as it is. */
export function createCloseAttempt(store: Store): Pick<Activities, 'closeAttempt'> {
  return {
    closeAttempt: ({ attemptId, state }) => store.attempts.finish(attemptId, state === 'success'),
  }
}
