import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

const head = (status: string, ...headers: readonly string[]): string =>
  `HTTP/1.1 ${[status, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`

const to = (location: string): string =>
  head('302 Found', `Location: ${location}`, 'Content-Length: 0')

/** What a broken server may answer, by path. */
const answers: Readonly<Record<string, string | Buffer>> = {
  badgzip: head('200 OK', 'Content-Encoding: gzip', 'Content-Length: 9') + 'not gzip!',
  shortgzip: Buffer.concat([
    Buffer.from(head('200 OK', 'Content-Encoding: gzip')),
    gzipSync('x'.repeat(1000)).subarray(0, 20),
  ]),
  br: head('200 OK', 'Content-Encoding: br', 'Content-Length: 3') + 'abc',
  unknownenc: head('200 OK', 'Content-Encoding: rot13', 'Content-Length: 3') + 'abc',
  short: head('200 OK', 'Content-Length: 100') + 'abc',
  charset: head('200 OK', 'Content-Type: text/plain; charset=no-such', 'Content-Length: 3') + 'abc',
  sjis: Buffer.concat([
    Buffer.from(head('200 OK', 'Content-Type: text/plain; charset=Shift_JIS', 'Content-Length: 4')),
    Buffer.from([0x82, 0xa0, 0x82, 0xa2]),
  ]),
  badredirect: to('http://[broken'),
  ftpredirect: to('ftp://127.0.0.1/x'),
  userredirect: to('http://a:b@127.0.0.1:1/x'),
  portredirect: to('http://127.0.0.1:99999/x'),
  noredirect: head('302 Found', 'Content-Length: 0'),
  nothttp: 'this is no HTTP at all\r\n\r\n',
  badheader: 'HTTP/1.1 200 OK\r\nno colon here\r\n\r\nabc',
  bighead: head('200 OK', `X-Big: ${'x'.repeat(300_000)}`, 'Content-Length: 0'),
  status: head('999 Odd', 'Content-Length: 3') + 'abc',
  status0: head('000 Zero', 'Content-Length: 0'),
  s101: head('101 Switching Protocols', 'Upgrade: other'),
  chunk: head('200 OK', 'Transfer-Encoding: chunked') + 'zz\r\nabc\r\n',
  twolen: head('200 OK', 'Content-Length: 3', 'Content-Length: 5') + 'abcde',
  nul: head('200 OK', 'Content-Length: 3') + 'a\0b',
  ok: head('200 OK', 'Content-Length: 2') + 'ok',
}

/** Answers as no server should. */
export async function startBrokenServer(): Promise<{
  readonly port: number
  close(): Promise<void>
}> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (bytes) => {
      const path = /^\S+ \/(?<path>\w*)/.exec(bytes.toString('latin1'))?.groups?.['path'] ?? ''
      socket.end(answers[path] ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    close() {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
