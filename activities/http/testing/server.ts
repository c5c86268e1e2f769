import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Certificate } from '../../testing/certificate.ts'

/** A request as it reached the server. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export type Respond = (request: Received, response: ServerResponse) => unknown

export interface TestServer {
  readonly origin: string
  readonly received: readonly Received[]
  /** How requests are answered from now on; 200 with what was received unless said otherwise. */
  respond: Respond
  close(): Promise<void>
}

export const echo: Respond = (request, response) =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify(request))

/** A real server that keeps what it receives; with a certificate it speaks TLS. */
export async function createHttpServer(certificate?: Certificate): Promise<TestServer> {
  const received: Received[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers, rawHeaders } = request
    const seen = { method, url, headers, rawHeaders, body: await text(request) }
    received.push(seen)
    await server.respond(seen, response)
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void answer(request, response).catch(() => response.destroy())
  const listening: Server =
    certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener)
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  const server: TestServer = {
    origin: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    received,
    respond: echo,
    async close() {
      listening.closeAllConnections()
      listening.close()
      await once(listening, 'close')
    },
  }
  return server
}
