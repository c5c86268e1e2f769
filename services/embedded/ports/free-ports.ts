import { createServer } from 'node:net'
import { StartError } from '../failure.ts'
import type { Ports, Settings } from '../settings.ts'
import { findHolders } from './holders.ts'
import { sayTaken } from './say-taken.ts'
import { wantedPort, type WantedPort } from './wanted.ts'

/** Throws a StartError that names every one of these ports on which we cannot listen, and who does. */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  const tried = await Promise.all(wanted.map(async (port) => ({ port, code: await refusal(port) })))
  const taken = tried.filter(({ code }) => code === 'EADDRINUSE').map(({ port }) => port)
  const refused = tried.flatMap(({ port: { host, port, what, variable }, code }) =>
    code === undefined || code === 'EADDRINUSE'
      ? []
      : `${what} cannot listen on ${host}:${port} (${code}). Choose another port with ${variable}, or another host with ${variable.replace(/(_UI|_GRPC)?_PORT$/, '_HOST')}.`,
  )
  const said = taken.length === 0 ? [] : await sayTaken(taken, await findHolders(taken))
  if (said.length + refused.length > 0) throw new StartError([...said, ...refused].join('\n'))
}

/** The same for the ports of one part, when it starts. */
export const requirePortsOf = (settings: Settings, ...ports: (keyof Ports)[]): Promise<void> =>
  requireFreePorts(ports.map((port) => wantedPort(settings, port)))

/** Why nobody can listen there; undefined where it works. */
async function refusal({ host, port }: WantedPort): Promise<string | undefined> {
  const server = createServer()
  try {
    return await new Promise((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? String(error)))
      server.listen(port, host, () => resolve(undefined))
    })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
