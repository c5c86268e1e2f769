import type { Client } from '#client/client.ts'
import type { Attempt } from '#client/views.ts'

/** What is to be said about an attempt that has ended; nothing where it ended well. */
export type Judge = (attempt: Attempt) => Promise<string | undefined> | string | undefined

/** Sees attempts to their ends while workers come and go, and once more when they no longer do. */
export interface Ends {
  /** Waits for an attempt; one that takes too long is looked at again by `faults`. */
  see(attemptId: string, name: string, judge: Judge): Promise<void>
  /** When workers are left alone: what went wrong, a sentence each. */
  faults(): Promise<readonly string[]>
}

/** How long an attempt is waited for, in seconds. */
export interface Patience {
  /** While a worker may be killed again before it comes to this attempt. */
  readonly disturbed: number
  /** Without any change of its tasks: a busy machine makes an attempt slow, and only a fault makes it stand still. */
  readonly calm: number
}

export function createEnds(api: Client, patience: Patience): Ends {
  const found: string[] = []
  const late: (() => Promise<void>)[] = []

  const judged = async (ended: Attempt, name: string, judge: Judge): Promise<void> => {
    const fault = await judge(ended)
    if (fault !== undefined) found.push(`attempt ${ended.id} (${name}) ${fault}`)
  }
  const ending = (id: string, seconds: number): Promise<Attempt | undefined> =>
    api.finished(id, seconds).catch(() => undefined)

  /** Waits for as long as anything about the attempt changes. */
  const afterwards = async (id: string, name: string, judge: Judge): Promise<void> => {
    let before = ''
    for (;;) {
      const ended = await ending(id, patience.calm)
      if (ended !== undefined) return judged(ended, name, judge)
      const states = (await api.tasks(id)).map((task) => `${task.fullName} ${task.state}`)
      const now = states.join('\n')
      if (now === before) {
        found.push(`attempt ${id} (${name}) stands still:\n${unfinished(states)}`)
        return
      }
      before = now
    }
  }

  return {
    async see(id, name, judge) {
      const ended = await ending(id, patience.disturbed)
      if (ended !== undefined) return judged(ended, name, judge)
      late.push(() => afterwards(id, name, judge))
    },
    async faults() {
      await Promise.all(late.map((look) => look()))
      return found
    },
  }
}

const mostShown = 30

function unfinished(states: readonly string[]): string {
  const open = states.filter((line) => !line.endsWith(' success'))
  return `${open.length} of ${states.length} tasks are no success, among them\n${open.slice(0, mostShown).join('\n')}`
}
