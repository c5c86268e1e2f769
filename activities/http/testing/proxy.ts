import { once } from 'node:events'
import { createServer, request as forward, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import type { Certificate } from '../../testing/certificate.ts'

export interface TestProxy {
  readonly port: number
  readonly uri: string
  /** What passed: `GET http://…` or `CONNECT host:port`. */
  readonly passed: readonly string[]
  close(): Promise<void>
}

/** A real proxy: it forwards plain requests and tunnels the others. */
export async function createProxy(certificate?: Certificate): Promise<TestProxy> {
  const passed: string[] = []
  const server: Server = certificate === undefined ? createServer() : createTlsServer(certificate)
  server.on('request', (request, response) => {
    passed.push(`${request.method} ${request.url}`)
    const { method, headers, url = '' } = request
    const onward = forward(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      pipeline(answer, response, () => undefined)
    })
    onward.on('error', () => response.destroy())
    pipeline(request, onward, () => undefined)
  })
  server.on('connect', (request, client) => {
    passed.push(`CONNECT ${request.url}`)
    const [host = '', port = ''] = (request.url ?? '').split(':')
    const onward = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      pipeline(client, onward, () => undefined)
      pipeline(onward, client, () => undefined)
    })
    onward.on('error', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    uri: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    passed,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
