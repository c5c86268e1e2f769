import type { Log } from '#services/shared/log.ts'
import { notificationOf } from '#activities/notify/notification.ts'
import { sendNotification, type SendDeps } from '#activities/notify/send.ts'
import type { NotificationSettings } from '#activities/notify/settings.ts'
import type { Attempt } from '#store/types.ts'
import type { WatchNeeds } from './watch.ts'

/** Sends what the watch finds the way that alerts go; without settings it is in the worker's log only. */
export const createAlarm =
  (
    deps: SendDeps,
    settings: NotificationSettings | undefined,
    log: Pick<Log, 'error'>,
  ): WatchNeeds['alarm'] =>
  async (attempt, message) => {
    if (settings === undefined) return
    try {
      const notification = notificationOf(message, { task: aboutRoot(attempt) }, [])
      await sendNotification(deps, settings, notification, AbortSignal.timeout(30_000))
    } catch (error) {
      log.error({ attempt: attempt.id, err: error }, 'the alarm about the attempt was not sent')
    }
  }

const aboutRoot = (attempt: Attempt) => ({
  ...attempt,
  attemptId: attempt.id,
  fullName: `+${attempt.workflowName}`,
  revision: '',
})
