export interface Interruption {
  /** Resolves at the first Ctrl-C (or SIGTERM, SIGHUP). */
  readonly promise: Promise<void>
  readonly signal: AbortSignal
  /** What a further one does. */
  again(action: () => void): void
}

export function waitForSignal(): Interruption {
  const controller = new AbortController()
  let further: () => void = () => undefined
  const promise = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      if (controller.signal.aborted) return further()
      controller.abort(new Error('Stopped by the user'))
      resolve()
    }
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  })
  return {
    promise,
    signal: controller.signal,
    again: (action) => {
      further = action
    },
  }
}
