import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { HelperServer } from './http-server.ts'

/** What cases of mail> are sent by: it takes all mails but those to `nobody@…`. */
export async function startSmtpServer(): Promise<HelperServer> {
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo({ address }, _, done) {
      if (address.startsWith('nobody@')) done(new Error('No such user here'))
      else done()
    },
    onData(stream, _, done) {
      stream.on('end', () => done()).resume()
    },
  })
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return {
    params: { smtp_host: '127.0.0.1', smtp_port: String(port) },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
