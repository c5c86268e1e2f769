import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HelperServer } from './http-server.ts'

/** `/3` redirects three times and then answers; `/slow` takes a request and never answers. */
export async function startRedirectServer(): Promise<HelperServer> {
  const server = createServer((request, response) => {
    if (request.url === '/slow') return
    const left = Number(request.url?.slice(1))
    if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end()
    else response.end('arrived')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    params: { redirect_url: `http://127.0.0.1:${port}` },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
