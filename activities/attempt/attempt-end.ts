import type { Store } from '#store/index.ts'
import type { Activities } from '#workflows/activities.ts'

/** Looks how an attempt has ended, for a schedule's tick that did not start it. */
export const createAttemptEnd = (
  store: Pick<Store, 'attempts' | 'tasks'>,
): Pick<Activities, 'attemptEnd'> => ({
  async attemptEnd({ attemptId }) {
    const attempt = await store.attempts.find(attemptId)
    // What retention has taken away ended long ago; whether well, nobody knows any more.
    if (attempt === undefined) return { state: 'error', message: 'it is not there any more' }
    if (attempt.finishedAt === null) return null
    if (attempt.success === true) return { state: 'success' }
    if (attempt.cancelRequested) return { state: 'canceled' }
    const [first] = await store.tasks.failures(attemptId, 1)
    return {
      state: 'error',
      ...(first === undefined ? {} : { message: `${first.fullName}: ${first.message}` }),
    }
  },
})
