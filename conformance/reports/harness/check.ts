import { isDeepStrictEqual } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'

/** Fails with both values when they are not the same. */
export function same(what: string, actual: unknown, right: unknown): void {
  if (isDeepStrictEqual(actual, right)) return
  throw new Error(`${what}: expected ${JSON.stringify(right)} but got ${JSON.stringify(actual)}`)
}

export interface Words {
  /** Texts that must be there, in this order. */
  readonly says?: readonly string[] | undefined
  readonly never?: readonly string[] | undefined
}

/** Fails when a text lacks words, or has some that it must not have. */
export function holds(what: string, text: string, { says = [], never = [] }: Words): void {
  let from = 0
  for (const words of says) {
    const at = text.indexOf(words, from)
    if (at === -1) throw new Error(`${what} lacks ${JSON.stringify(words)}:\n${text}`)
    from = at + words.length
  }
  for (const words of never) {
    if (text.includes(words)) throw new Error(`${what} holds ${JSON.stringify(words)}:\n${text}`)
  }
}

/** Asks until the answer is there; fails after so many seconds. */
export async function until<Found>(
  look: () => Promise<Found | undefined>,
  seconds: number,
  what: string,
): Promise<Found> {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`)
    await sleep(200)
  }
}
