import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { callbackify } from 'node:util'
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server'

/** A mail as the server took it. */
export interface Received {
  readonly from: string
  readonly to: readonly string[]
  /** Headers and body, lines unfolded. */
  readonly content: string
  readonly user: string | undefined
  readonly secure: boolean
}

export interface TestSmtp {
  readonly port: number
  readonly received: readonly Received[]
  close(): Promise<void>
}

/** A real SMTP server; without options one that takes everything and knows neither TLS nor users. */
export async function createSmtp(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ['STARTTLS', 'AUTH'] : [],
    disableReverseLookup: true,
    onData: callbackify(async (stream: SMTPServerDataStream, session: SMTPServerSession) => {
      const content = await text(stream)
      const { mailFrom, rcptTo } = session.envelope
      received.push({
        from: mailFrom === false ? '' : mailFrom.address,
        to: rcptTo.map(({ address }) => address),
        content: content.replaceAll(/\r\n[ \t]+/g, ' '),
        user: session.user,
        secure: session.secure,
      })
    }),
    ...options,
  })
  // A client that breaks off is what some tests are about.
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return {
    port: (listening.address() as AddressInfo).port,
    received,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
