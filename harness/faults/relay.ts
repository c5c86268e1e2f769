import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A server's address that can go away and come back, as the server itself would. */
export interface Relay {
  readonly port: number
  /** Breaks every connection; new ones are refused. */
  close(): Promise<void>
  open(): Promise<void>
}

/** Passes everything on to `host:port`. */
export async function startRelay(host: string, port: number): Promise<Relay> {
  const sockets = new Set<Socket>()
  const server = createServer((from) => {
    const to = connect(port, host)
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  const listen = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(at, '127.0.0.1', resolve)
    })
  await listen(0)
  const { port: own } = server.address() as AddressInfo
  return {
    port: own,
    async close() {
      if (!server.listening) return
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    open: () => listen(own),
  }
}
