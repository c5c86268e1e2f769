import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface SilentHost {
  readonly port: number
  close(): Promise<void>
}

/** Accepts every connection, and never says a word. */
export const createSilentHost = (): Promise<SilentHost> =>
  createFreezingProxy({ port: 0, host: '' }, true)

/** Passes connections on to a server until it is frozen; from then on nothing passes, and nothing ends. */
export async function createFreezingProxy(
  to: { readonly port: number; readonly host: string },
  frozen = false,
): Promise<SilentHost & { freeze(): void }> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): void => {
    sockets.add(socket.on('error', () => undefined))
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client)
    if (frozen) return
    const onward = connect(to)
    keep(onward)
    client.pipe(onward)
    onward.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const neverAccepts = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  require('fs').writeSync(1, this.address().port + '\\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** Drops what is sent to it, as a firewall does: its queue of connections is full. */
export async function createDroppingHost(): Promise<SilentHost> {
  const child = spawn(process.execPath, ['-e', neverAccepts], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  const fillers = Array.from({ length: 8 }, () => connect({ port, host: '127.0.0.1' }))
  for (const filler of fillers) filler.on('error', () => undefined)
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
