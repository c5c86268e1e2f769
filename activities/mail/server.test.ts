import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { createCertificate, type Certificate } from '../testing/certificate.ts'
import type { TestTask } from '../testing/operator-context.ts'
import type { MailSettings, SmtpServer } from './settings.ts'
import { start } from './testing/run.ts'
import { createSmtp, type TestSmtp } from './testing/smtp.ts'

let certificate: Certificate
/** With users, who get in over TLS only. */
let guarded: TestSmtp
/** With TLS from the first byte. */
let wrapped: TestSmtp
let open: TestSmtp
const trusted = getCACertificates('default')
beforeAll(async () => {
  certificate = await createCertificate()
  setDefaultCACertificates([...trusted, certificate.cert])
  const onAuth: SMTPServerOptions['onAuth'] = ({ username, password }, _, done) =>
    password === 'pass' && username !== undefined
      ? done(null, { user: username })
      : done(new Error('Wrong password'))
  guarded = await createSmtp({ ...certificate, onAuth, authOptional: false })
  wrapped = await createSmtp({ ...certificate, secure: true })
  open = await createSmtp()
})
afterAll(async () => {
  setDefaultCACertificates(trusted)
  await Promise.all([guarded.close(), wrapped.close(), open.close()])
})

const mail = {
  _command: { data: 'hello' },
  from: 'suiro@example.com',
  to: 'ann@example.com',
  subject: 'Done',
}
const send = (params: JsonObject, task: TestTask = {}, settings: MailSettings = {}) =>
  start({ ...mail, ...params }, task, settings)

const server = (port: number): SmtpServer => ({
  host: '127.0.0.1',
  port,
  tls: true,
  ssl: false,
  debug: false,
  connectSeconds: 10,
  socketSeconds: 10,
})

describe('mail> goes to', () => {
  test('the server that the task names, with STARTTLS and the password of a secret', async () => {
    const params = { host: '127.0.0.1', port: guarded.port, username: 'me' }
    await send(params, { secrets: { 'mail.password': 'pass' } }).result
    expect(guarded.received.at(-1)).toMatchObject({ user: 'me', secure: true })
    await expect(send(params, { secrets: { 'mail.password': 'no' } }).result).rejects.toThrow(
      /Cannot send mail by 127.0.0.1:\d+: 535 Wrong password/,
    )
  })

  test('the server that secrets name, which win over parameters', async () => {
    const secrets = {
      'mail.host': '127.0.0.1',
      'mail.port': String(guarded.port),
      'mail.username': 'secret user',
      'mail.password': 'pass',
      'mail.tls': 'true',
      'mail.ssl': 'false',
    }
    await send({ host: 'no.such.host.invalid', port: 1, username: 'x' }, { secrets }).result
    expect(guarded.received.at(-1)).toMatchObject({ user: 'secret user' })
  })

  test('a server with TLS from the first byte', async () => {
    await send({ mail: { host: '127.0.0.1', port: wrapped.port, ssl: true } }).result
    expect(wrapped.received.at(-1)).toMatchObject({ secure: true })
  })

  test('no server whose certificate nobody trusts, unless without TLS', async () => {
    setDefaultCACertificates(trusted)
    const tls = await createSmtp({ ...certificate, hideSTARTTLS: false })
    const params = { host: '127.0.0.1', port: tls.port }
    await expect(send(params).result).rejects.toThrow(/Cannot send mail by .*: self-signed cert/)
    await send({ ...params, tls: 'false' }).result
    expect(tls.received).toMatchObject([{ secure: false }])
    await tls.close()
    setDefaultCACertificates([...trusted, certificate.cert])
  })

  test('the worker’s server only when the task names none', async () => {
    const settings: MailSettings = {
      server: { ...server(guarded.port), username: 'worker', password: 'pass' },
      from: 'worker@example.com',
      subject: 'From the worker',
    }
    const { result } = send({ from: null, subject: null, port: 1, username: 'mine' }, {}, settings)
    await result
    expect(guarded.received.at(-1)).toMatchObject({ user: 'worker', from: 'worker@example.com' })
    expect(guarded.received.at(-1)!.content).toContain('Subject: From the worker\r\n')
    await send({ host: '127.0.0.1', port: open.port }, {}, settings).result
    expect(open.received.at(-1)).toMatchObject({ user: undefined, from: 'suiro@example.com' })
  })

  test('no server at all when nobody names one', async () => {
    await expect(send({ port: 25 }).result).rejects.toThrow(
      "Missing SMTP configuration: SMTP config 'host' is required but not set",
    )
    await expect(send({ host: 'h', port: 99_999 }).result).rejects.toThrow("'port' must be 1 to")
  })

  test('a server as others see it: debug shows the conversation, without passwords', async () => {
    const params = { host: '127.0.0.1', port: guarded.port, username: 'me', debug: true }
    const { context, result } = send(params, { secrets: { 'mail.password': 'pass' } })
    await result
    expect(context.output()).toContain('RCPT TO:<ann@example.com>')
    expect(context.output()).not.toContain(Buffer.from('\0me\0pass').toString('base64'))
    expect(context.output()).not.toContain('pass\n')
  })

  test('a server, with no password among the parameters', async () => {
    const { context, result } = send({ host: '127.0.0.1', port: open.port, password: 'x' })
    await result
    expect(context.said()).toContain("WARN Unsecure 'password' parameter is ignored")
  })
})
