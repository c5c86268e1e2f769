import type { Tasks } from '#store/tasks.ts'
import { OperatorError } from '../failure.ts'
import { DeliveryInDoubtError } from '../mail/deliver.ts'
import { notificationOf } from './notification.ts'
import { sendNotification, type SendDeps } from './send.ts'
import type { NotificationSettings } from './settings.ts'
import { builtIn, type BuiltIn } from '../task/built-in.ts'
import { growingWait } from '#workflows/domain/growing-wait.ts'

export interface NotifyDeps extends SendDeps {
  readonly tasks: Pick<Tasks, 'failures'>
  /** Without them notifications are in the task's log only. */
  readonly settings?: NotificationSettings
}

/** Tasks whose failures are reported; who wants more looks at the attempt. */
const mostFailures = 5

/** `notify>: MESSAGE` notifies people; `^failure-alert` and the alerts of an `sla` are such tasks. */
export const createNotify = (deps: NotifyDeps): BuiltIn<'notify'> =>
  builtIn('notify', async (context) => {
    const { config, task, say, polls, signal } = context
    const message = config.string('_command')
    if (polls === 0) {
      const { projectName, workflowName, attemptId } = task
      say('INFO', `${message}: ${projectName}/${workflowName}, attempt ${attemptId}`)
    }
    const { settings } = deps
    if (settings === undefined) return {}
    const failures = await deps.tasks.failures(task.attemptId, mostFailures)
    try {
      const where = await sendNotification(
        deps,
        settings,
        notificationOf(message, context, failures),
        signal,
      )
      say('INFO', `Sent the notification to ${where}`)
      return {}
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof OperatorError || error instanceof DeliveryInDoubtError)) throw error
      const why = `Sending notification failed: ${error.message}`
      if (polls >= settings.retries) throw new OperatorError(why, { cause: error })
      const { minRetryWaitMilliseconds: min, maxRetryWaitMilliseconds: max } = settings
      const afterSeconds = growingWait({ first: min, most: max }, polls) / 1000
      say('WARN', `${why}: retry ${polls + 1} of ${settings.retries} in ${afterSeconds} seconds`)
      return { again: { afterSeconds } }
    }
  })
