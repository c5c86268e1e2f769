import { mkdir } from 'node:fs/promises'
import type { Container } from './container.ts'
import { stopMark } from './left.ts'

/**
 * Follows a container until it ends. An abort stops the container, ends `follow` by the signal that it is
 * given, takes the container away, and is thrown.
 */
export async function stoppable<End>(
  container: Container,
  scratch: string,
  signal: AbortSignal,
  follow: (signal: AbortSignal) => Promise<End>,
): Promise<End> {
  signal.throwIfAborted()
  const cli = new AbortController()
  const stop = (): void => {
    // Without its folder nobody joins it any more, marked or not.
    void mkdir(stopMark(scratch))
      .catch(() => undefined)
      .then(() => container.stop())
      .finally(() => cli.abort(signal.reason))
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    const end = await follow(cli.signal)
    signal.throwIfAborted()
    return end
  } finally {
    signal.removeEventListener('abort', stop)
    // A container that was still being made when the kill came is not left behind.
    if (signal.aborted) await container.remove()
  }
}
