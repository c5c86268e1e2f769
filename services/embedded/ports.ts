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
        : `${what} cannot listen on ${host}:${port} (${code ?? String(error)}). Choose another port with ${variable}, or another host with ${variable.replace(/(_UI|_GRPC)?_PORT$/, '_HOST')}.`,
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
