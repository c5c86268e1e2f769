import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { StartError } from './failure.ts'

/** Throws a StartError when something listens on the port already. */
export async function requireFreePort(
  host: string,
  port: number,
  what: string,
  variable: string,
): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartError(
      code === 'EADDRINUSE'
        ? `Port ${port}, where ${what} is to listen, is taken by another program. Stop that program, or choose another port with ${variable}.`
        : `${what} cannot listen on ${host}:${port} (${code ?? String(error)}). Choose another port with ${variable}, or another host with SUIRO_HOST.`,
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

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
