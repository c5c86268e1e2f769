import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from '../parts/part.ts'
import { growingWait } from '#workflows/domain/growing-wait.ts'

export interface KeepRunning {
  readonly begin: () => Promise<Part>
  /** Called with what died and what is done about it. */
  readonly say: (line: string) => void
  /** Where its log is. */
  readonly logs: string
  /** Within a minute; one more ends it all. */
  readonly deaths?: number
}

/**
 * A part that is started again when it dies, a little later each time. Its `ended` resolves only when it
 * died too often.
 */
export async function keepRunning({
  begin,
  say,
  logs,
  deaths: most = 5,
}: KeepRunning): Promise<Part> {
  let current = await begin()
  const { name } = current
  const stopping = new AbortController()
  const deaths: number[] = []
  let restarting: Promise<void> = Promise.resolve()

  const tooOften = (): boolean => {
    const now = Date.now()
    deaths.push(now)
    return deaths.filter((when) => now - when < 60_000).length > most
  }

  const ended = new Promise<string>((giveUp) => {
    const again = async (how: string): Promise<void> => {
      let what = `${name} died (${how})`
      for (let starts = 0; !stopping.signal.aborted; starts += 1) {
        const wait = growingWait({ first: 1, most: 30 }, starts)
        if (tooOften()) {
          return giveUp(`${how}; it died ${most + 1} times within a minute`)
        }
        say(`${what}; its log is in ${logs}. Starting it again in ${wait} s …`)
        await sleep(wait * 1000, undefined, { signal: stopping.signal }).catch(() => undefined)
        if (stopping.signal.aborted) return
        try {
          current = await begin()
          if (!stopping.signal.aborted) say(`${name} is back: ${current.address}`)
          return watch(current)
        } catch (error) {
          what = error instanceof Error ? error.message : String(error)
        }
      }
    }
    const watch = (part: Part): void => {
      void part.ended.then((how) => {
        if (!stopping.signal.aborted) restarting = again(how)
      })
    }
    watch(current)
  })
  return {
    ...current,
    ended,
    async stop() {
      stopping.abort()
      // One that is just starting is waited for, so that it does not stay behind.
      await restarting
      await current.stop()
    },
  }
}
