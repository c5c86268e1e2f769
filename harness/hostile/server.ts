import type { ServerResponse } from 'node:http'
import { createHttpServer, type TestServer } from '#activities/http/testing/server.ts'

const block = Buffer.alloc(64 * 1024, 'x')

/** A server that is no better than the projects: its answers come without an end, late, or broken. */
export async function startHostileServer(): Promise<TestServer> {
  const server = await createHttpServer()
  server.respond = ({ url }, response) => (answers[url] ?? answers['/'])!(response)
  return server
}

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/': (response) => void response.end('ok'),
  '/endless': (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(block));
    }
    response.on('drain', more)
    more()
  },
  '/slow': (response) => {
    const timer = setInterval(() => response.write('x'), 200)
    response.on('close', () => clearInterval(timer))
  },
  '/silent': () => undefined,
  '/broken': (response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('x', () => response.destroy())
  },
}
