import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HelperServer {
  /** Parameters that a case's start gets. */
  readonly params: Readonly<Record<string, string>>
  /** Secrets that a case's project gets. */
  readonly secrets?: Readonly<Record<string, string>>
  close(): Promise<void>
}

/**
 * What cases of http> talk to: `/echo` answers with the request as JSON, `/status/503` with that status and
 * the body of the request.
 */
export async function startHttpServer(): Promise<HelperServer> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.statusCode = 500
      response.end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    params: { http_url: `http://127.0.0.1:${port}` },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString()
  const url = new URL(request.url ?? '/', 'http://helper')
  const status = /^\/status\/(\d{3})$/.exec(url.pathname)
  if (status !== null) {
    response.statusCode = Number(status[1])
    response.end(body)
  } else if (url.pathname === '/echo') {
    const { method, headers } = request
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ method, headers, query: Object.fromEntries(url.searchParams), body }),
    )
  } else {
    response.statusCode = 404
    response.end(`There is only /echo and /status/NNN here, not ${url.pathname}`)
  }
}
