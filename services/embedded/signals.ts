import type { Stopping } from './processes/stopping.ts'

export interface Interruption extends Stopping {
  /** Resolves when the end is first asked for. */
  readonly promise: Promise<void>
}

/**
 * Ctrl-C comes by several ways: from the terminal, from npm, from bootstrap.mjs. What is heard within this time is one
 * and the same.
 */
const echoMilliseconds = 700

/**
 * Listens for Ctrl-C, SIGTERM, SIGHUP, and for the end of the process that started this one. The first asks for the
 * end, the second for a quick one, the third does not wait.
 */
export function waitForSignal(): Interruption {
  const asked = new AbortController()
  const hurry = new AbortController()
  let last = -Infinity
  const promise = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      const now = performance.now()
      if (now - last < echoMilliseconds) return
      last = now
      if (hurry.signal.aborted) process.exit(130)
      if (asked.signal.aborted) return hurry.abort(new Error('Stopped at once'))
      asked.abort(new Error('Stopped by the user'))
      resolve()
    }
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
    // Of bootstrap.mjs: killed, it cannot pass a signal on.
    process.once('disconnect', onSignal)
  })
  return { promise, asked: asked.signal, hurry: hurry.signal }
}
