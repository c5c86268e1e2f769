import { createHash } from 'node:crypto'
import { deliver } from '../mail/deliver.ts'
import { writeLetter } from '../mail/message.ts'
import type { Notification } from './notification.ts'
import type { MailChannel } from './settings.ts'

/** Evaluates the `${…}` of a text with a notification's fields. */
export type Render = (text: string, notification: Notification) => Promise<string>

/** Sends a notification as a mail; throws when the server did not take it. */
export async function sendByMail(
  channel: MailChannel,
  notification: Notification,
  render: Render,
  signal: AbortSignal,
): Promise<string> {
  const { server, from, to, cc, bcc, html } = channel
  const { session_uuid, attempt_id, task_name } = notification
  const task = createHash('sha256').update(task_name).digest('hex').slice(0, 16)
  const letter = await writeLetter({
    messageId: `<${session_uuid}.${attempt_id}.${task}@${from.address.split('@')[1]}>`,
    from,
    to,
    cc,
    bcc,
    html,
    subject: await render(channel.subject, notification),
    body: await render(channel.body, notification),
    attachments: [],
  })
  await deliver(server, letter, {
    signal,
    // An alert that comes twice does no harm; one that does not come may.
    beforeContent: () => Promise.resolve(),
    debug: () => undefined,
  })
  return letter.recipients.join(', ')
}
