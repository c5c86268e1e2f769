import { setTimeout as sleep } from 'node:timers/promises'

/** Whoever reads a log that grows: told when nobody takes it any more. */
export type Gone = AbortSignal

// Text is written at least every second.
const betweenLooks = 500

/** Waits until it is worth another look; false when nobody is there any more. Holds nothing meanwhile. */
export async function nextLook(gone: Gone): Promise<boolean> {
  try {
    await sleep(betweenLooks, undefined, { signal: gone })
    return true
  } catch {
    return false
  }
}

/** Sends the headers, so that whoever follows a silent task knows that it is being followed. */
export const firstWord = ''
