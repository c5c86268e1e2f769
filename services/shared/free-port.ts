import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A port that nobody uses at this moment. It lies below those that systems lend to outgoing connections,
 * which might take it before we do.
 */
export async function anyFreePort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    if (await isFree(host, port)) return port
  }
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
