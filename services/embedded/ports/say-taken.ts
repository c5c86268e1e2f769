import { anyFreePort } from '#services/shared/free-port.ts'
import { inWords } from '../running.ts'
import type { Holder } from './holders.ts'
import type { WantedPort } from './wanted.ts'

/** A paragraph for each who holds ports of ours, and a command line that goes round them. */
export async function sayTaken(
  taken: readonly WantedPort[],
  holders: ReadonlyMap<number, Holder>,
): Promise<readonly string[]> {
  const byHolder = Map.groupBy(taken, ({ port }) => nameOf(holders.get(port)))
  const said = [...byHolder].map(([name, ports]) => {
    const places = ports.map(({ port, what }) => `  ${port}, where ${what} is to listen`)
    const mend = mendingOf(holders.get(ports[0]?.port ?? 0))
    return [
      `${ports.length === 1 ? 'This port is' : 'These ports are'} held by ${name}:`,
      ...places,
      mend,
    ].join('\n')
  })
  const others = await Promise.all(
    taken.map(async ({ host, variable }) => `${variable}=${await anyFreePort(host)}`),
  )
  return [...said, `Or start this one elsewhere: ${others.join(' ')} npm start`]
}

function nameOf(holder: Holder | undefined): string {
  switch (holder?.kind) {
    case 'suiro': {
      const { home, launcher } = holder
      const who = launcher === undefined ? 'whose npm start was killed' : inWords(launcher)
      return `another Suiro (data in ${home}, ${who})`
    }
    case 'api':
      return `another Suiro (version ${holder.version})`
    case 'program':
      return `process ${holder.pid}: ${holder.command.slice(0, 120)}`
    case 'unknown':
    case undefined:
      return 'another program, of another user or in another container'
  }
}

function mendingOf(holder: Holder | undefined): string {
  switch (holder?.kind) {
    case 'suiro':
      return holder.launcher === undefined
        ? `Stop what was left of it: SUIRO_HOME=${holder.home} npm start does so first.`
        : `Stop it with Ctrl-C in its terminal, or: kill ${holder.launcher.pid}`
    case 'api':
      return 'Stop it with Ctrl-C in its terminal.'
    case 'program':
      return `Stop it: kill ${holder.pid}`
    case 'unknown':
    case undefined:
      return 'Stop it.'
  }
}
