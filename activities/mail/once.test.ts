import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { CancelledFailure } from '@temporalio/activity'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { JsonObject } from '#workflows/domain/json.ts'
import { start } from './testing/run.ts'
import { createSmtp, type TestSmtp } from './testing/smtp.ts'

let smtp: TestSmtp
beforeAll(async () => {
  smtp = await createSmtp({
    onRcptTo({ address }, _, done) {
      if (address.startsWith('no')) done(new Error('No such user here'))
      else done()
    },
  })
})
afterAll(() => smtp.close())

const mail = (port: number, more: JsonObject = {}): JsonObject => ({
  ...{ _command: { data: 'hello' }, from: 'suiro@example.com', to: 'ann@example.com' },
  ...{ subject: 'Done', host: '127.0.0.1', port },
  ...more,
})

/** A server that goes away, or waits, where the test says. */
async function wayward(at: 'connect' | 'content' | 'end', act: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (at === 'connect') return act(socket)
    socket.write('220 ready\r\n')
    let seen = ''
    let inContent = false
    socket.on('data', (bytes) => {
      seen += bytes.toString()
      if (inContent) {
        if (at === 'end' && seen.endsWith('\r\n.\r\n')) act(socket)
        return
      }
      if (!seen.endsWith('\r\n')) return
      inContent = seen === 'DATA\r\n'
      if (inContent && at === 'content') return act(socket)
      socket.write(inContent ? '354 go on\r\n' : '250 ok\r\n')
      seen = ''
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const identity = { sessionUuid: '11111111-2222-3333-4444-555555555555', taskId: 99 }

describe('mail> is sent once', () => {
  test('also when its worker is lost after the server took it', async () => {
    const first = start(mail(smtp.port), { identity })
    await first.result
    const received = smtp.received.length
    const again = start(mail(smtp.port), { identity, state: first.context.state.value })
    await again.result
    expect(smtp.received).toHaveLength(received)
    expect(again.context.said()).toContain('INFO An earlier run of this task has given the mail')
  })

  test('or not at all, when nobody knows whether the server took it', async () => {
    const port = await wayward('end', (socket) => socket.destroy())
    const lost = start(mail(port), { identity })
    await expect(lost.result).rejects.toThrow(/The connection was lost .* is not known/)
    await expect(lost.result).rejects.toMatchObject({ retryable: false })
    const { value: state } = lost.context.state
    const received = smtp.received.length
    const again = start(mail(smtp.port), { identity, state })
    await expect(again.result).rejects.toThrow(
      /^The worker was lost while it handed the mail <11111111-2222-3333-4444-555555555555\.7\.99@example\.com> to/,
    )
    await expect(again.result).rejects.toMatchObject({ retryable: false })
    expect(smtp.received).toHaveLength(received)
  })

  test('when the server went away before the letter itself: then it is simply sent', async () => {
    const port = await wayward('content', (socket) => socket.destroy())
    const lost = start(mail(port), { identity })
    await expect(lost.result).rejects.toThrow(/^Cannot send mail by 127.0.0.1:\d+: /)
    await expect(lost.result).rejects.toMatchObject({ retryable: true })
    expect(lost.context.state.value).toEqual({})
  })

  test('not when the state cannot be written: the server gets no end of it', async () => {
    const { context, result } = start(mail(smtp.port))
    const received = smtp.received.length
    context.state.save = () => Promise.reject(Object.assign(new Error('away'), { code: '57P01' }))
    await expect(result).rejects.toThrow('away')
    expect(smtp.received).toHaveLength(received)
  })

  test('under a Message-ID that a second one would have too', async () => {
    for (const retries of [0, 1]) await start(mail(smtp.port), { identity, retries }).result
    const ids = smtp.received
      .slice(-2)
      .map(({ content }) => /Message-ID: (.*)\r/.exec(content)?.[1])
    expect(ids[0]).toBe('<11111111-2222-3333-4444-555555555555.7.99@example.com>')
    expect(ids[1]).toBe(ids[0])
  })
})

describe('mail> fails', () => {
  test('when the server refuses everybody, in its words', async () => {
    const refused = start(mail(smtp.port, { to: 'nobody@example.com' })).result
    await expect(refused).rejects.toThrow(/^Cannot send mail by 127.0.0.1:\d+: .*No such user here/)
    await expect(refused).rejects.toMatchObject({ retryable: true })
  })

  test('when it refuses one, and then not again for those who have it', async () => {
    const to = ['ann@example.com', 'nobody@example.com']
    const { result } = start(mail(smtp.port, { to }))
    await expect(result).rejects.toThrow(
      'The mail was sent to ann@example.com, but the server refuses nobody@example.com: ',
    )
    await expect(result).rejects.toMatchObject({ retryable: false })
    expect(smtp.received.at(-1)!.to).toEqual(['ann@example.com'])
  })

  test('when nobody is there', async () => {
    const gone = await createSmtp()
    await gone.close()
    await expect(start(mail(gone.port)).result).rejects.toThrow(
      `Cannot send mail by 127.0.0.1:${gone.port}: connect ECONNREFUSED`,
    )
    const silent = await wayward('connect', () => undefined)
    await expect(start(mail(silent, { connect_timeout: '1s' })).result).rejects.toThrow(
      /^Cannot send mail by .*: Greeting never received/,
    )
  })
})

describe('mail> that is interrupted', () => {
  const killed = new CancelledFailure('CANCELLED')
  const moved = new CancelledFailure('WORKER_SHUTDOWN')

  test('by a kill ends at once, wherever it is', async () => {
    for (const at of ['connect', 'content', 'end'] as const) {
      const reached = Promise.withResolvers<void>()
      const port = await wayward(at, () => reached.resolve())
      const { context, result } = start(mail(port))
      result.catch(() => undefined)
      await reached.promise
      context.abort(killed)
      await expect(result).rejects.toBe(killed)
    }
  })

  test('by a shutdown is finished', async () => {
    const reached = Promise.withResolvers<Socket>()
    const port = await wayward('end', reached.resolve)
    const { context, result } = start(mail(port))
    const socket = await reached.promise
    context.abort(moved)
    socket.write('250 taken\r\n')
    await result
    expect(context.said()).toContain('INFO Sent the mail')
  })
})
