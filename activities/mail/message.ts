import MailComposer from 'nodemailer/lib/mail-composer'
import type { Address } from './addresses.ts'
import type { Attachment } from './attachments.ts'

/** A mail as its sender thinks of it. */
export interface Mail {
  /** With its angle brackets; the same whenever the same mail is sent again. */
  readonly messageId: string
  readonly from: Address
  readonly to: readonly Address[]
  readonly cc: readonly Address[]
  readonly bcc: readonly Address[]
  readonly subject: string
  readonly body: string
  readonly html: boolean
  readonly attachments: readonly Attachment[]
}

/** What an SMTP server is given. */
export interface Letter {
  readonly sender: string
  readonly recipients: readonly string[]
  readonly content: Buffer
}

/** Writes a mail as its server wants it; who is in bcc is on the envelope only. */
export async function writeLetter(mail: Mail): Promise<Letter> {
  const { messageId, from, to, cc, subject, body, html, attachments } = mail
  const composer = new MailComposer({
    messageId,
    from: { ...from },
    to: to.map((address) => ({ ...address })),
    cc: cc.map((address) => ({ ...address })),
    subject,
    ...(html ? { html: body } : { text: body }),
    attachments: attachments.map((attachment) => ({ ...attachment })),
    // Everything is at hand already; no text of a task is to make the worker read files or addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const recipients = [...mail.to, ...mail.cc, ...mail.bcc].map(({ address }) => address)
  return {
    sender: from.address,
    recipients: [...new Set(recipients)],
    content: await composer.compile().build(),
  }
}
