import { readFileSync } from 'node:fs'
import { addressOf } from '../hosts.ts'
import { homeVariable, runningIn, type Running } from '../running.ts'
import { commandOf } from '../processes/ownership.ts'
import { listenersOn } from './listeners.ts'
import type { WantedPort } from './wanted.ts'

/** Who listens on a port that we want. */
export type Holder =
  /** Of a Suiro with this data folder; `launcher` is absent when it was killed and left this behind. */
  | {
      readonly kind: 'suiro'
      readonly home: string
      readonly pid: number
      readonly launcher?: Running
    }
  /** Something that answers as the API does, and of which no more can be learnt. */
  | { readonly kind: 'api'; readonly version: string }
  | { readonly kind: 'program'; readonly pid: number; readonly command: string }
  | { readonly kind: 'unknown' }

/** Who holds each of the ports, by its number: by /proc where there is one, else by asking. */
export async function findHolders(
  taken: readonly WantedPort[],
): Promise<ReadonlyMap<number, Holder>> {
  const listeners = await listenersOn(new Set(taken.map(({ port }) => port)))
  const found = await Promise.all(
    taken.map(async ({ host, port }): Promise<readonly [number, Holder]> => {
      const pid = listeners.find((listener) => listener.port === port)?.pid
      const home = pid === undefined ? undefined : homeOf(pid)
      if (pid !== undefined && home !== undefined) {
        const launcher = runningIn(home)
        return [port, { kind: 'suiro', home, pid, ...(launcher && { launcher }) }]
      }
      const version = await suiroAt(addressOf(host, port))
      if (version !== undefined) return [port, { kind: 'api', version }]
      const command = pid === undefined ? undefined : commandOf(pid)
      if (pid === undefined || command === undefined) return [port, { kind: 'unknown' }]
      return [port, { kind: 'program', pid, command }]
    }),
  )
  return new Map(found)
}

/** The data folder of the Suiro that started a process, as its environment says. */
function homeOf(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
    const mark = variables.find((variable) => variable.startsWith(`${homeVariable}=`))
    return mark?.slice(homeVariable.length + 1)
  } catch {
    // Another user's.
    return undefined
  }
}

/** The version of a Suiro whose API answers there. */
async function suiroAt(address: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(1000)
    const { suiro } = (await (await fetch(`http://${address}/api/version`, { signal })).json()) as {
      readonly suiro?: unknown
    }
    return typeof suiro === 'string' ? suiro : undefined
  } catch {
    return undefined
  }
}
