import type { Address } from '../mail/addresses.ts'
import type { SmtpServer } from '../mail/settings.ts'

export interface HttpChannel {
  readonly type: 'http'
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  /** `slack`: a text, as webhooks of Slack and of those who take the same want it. */
  readonly format: 'json' | 'slack'
}

export interface MailChannel {
  readonly type: 'mail'
  readonly server: SmtpServer
  readonly from: Address
  readonly to: readonly Address[]
  readonly cc: readonly Address[]
  readonly bcc: readonly Address[]
  /** Subject and body hold `${…}` with the notification's fields. */
  readonly subject: string
  readonly body: string
  readonly html: boolean
}

export interface ShellChannel {
  readonly type: 'shell'
  readonly command: string
  readonly timeoutMilliseconds: number
}

/** How notifications go out, and how patiently. */
export interface NotificationSettings {
  readonly channel: HttpChannel | MailChannel | ShellChannel
  readonly retries: number
  readonly minRetryWaitMilliseconds: number
  readonly maxRetryWaitMilliseconds: number
}

export const defaultSubject = '${message}: ${project_name} / ${workflow_name} at ${session_time}'

export const defaultBody = [
  '${message}',
  '',
  'Project:  ${project_name} (${project_id}), revision ${revision}',
  'Workflow: ${workflow_name}',
  'Session:  ${session_time} (${session_id}), ${timezone}',
  'Attempt:  ${attempt_id}',
  'Task:     ${task_name}',
  '',
  "${failed_tasks.map(function (t) { return t.task_name + ': ' + t.message }).join('\\n')}",
].join('\n')
