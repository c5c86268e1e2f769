import { createServer, type Server } from 'node:http'

export interface Health {
  readonly ready: () => Promise<readonly string[]>
  readonly host: string
  readonly port: number
}

/**
 * `GET /healthz` says that the process lives; `GET /readyz` that it polls and reaches what it needs,
 * or with 503 what is missing, one line each.
 */
export async function serveHealth({ ready, host, port }: Health): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(body)}\n`)
    }
    if (request.url === '/healthz') return answer(200, { status: 'ok' })
    if (request.url !== '/readyz') return answer(404, { message: 'Try /healthz or /readyz' })
    ready().then(
      (missing) =>
        answer(missing.length === 0 ? 200 : 503, { ready: missing.length === 0, missing }),
      (error: unknown) => answer(503, { ready: false, missing: [String(error)] }),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}
