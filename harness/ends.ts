import type { Attempt, ApiClient } from '#services/api/e2e/client.ts'

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
  readonly calm: number
}

export function createEnds(api: ApiClient, patience: Patience): Ends {
  const found: string[] = []
  const late: (() => Promise<void>)[] = []

  const see = async (
    id: string,
    name: string,
    judge: Judge,
    seconds: number,
    otherwise: (why: string) => void,
  ): Promise<void> => {
    const ended = await api.finished(id, seconds).catch((error: unknown) => String(error))
    if (typeof ended === 'string') return otherwise(`attempt ${id} (${name}): ${ended}`)
    const fault = await judge(ended)
    if (fault !== undefined) found.push(`attempt ${id} (${name}) ${fault}`)
  }

  return {
    see: (id, name, judge) =>
      see(id, name, judge, patience.disturbed, () => {
        late.push(() => see(id, name, judge, patience.calm, (why) => found.push(why)))
      }),
    async faults() {
      await Promise.all(late.map((look) => look()))
      return found
    },
  }
}
