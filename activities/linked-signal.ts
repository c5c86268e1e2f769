/** A signal of its own that aborts with others, for as long as it is linked to them. */
export interface LinkedSignal {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  /** Ends the link: the signal aborts with the others no more, and nothing of them holds it any longer. */
  release(): void
}

/**
 * Links a new signal to others. Unlike `AbortSignal.any`, whose signal Node keeps in a global set for as long as
 * anybody listens to it and no source aborts, with everything that its listeners hold: a worker's sources may never
 * abort.
 */
export function linkSignals(...sources: readonly AbortSignal[]): LinkedSignal {
  const own = new AbortController()
  const links = sources.map((source) => {
    const follow = (): void => own.abort(source.reason)
    if (source.aborted) follow()
    else source.addEventListener('abort', follow, { once: true })
    return () => source.removeEventListener('abort', follow)
  })
  return {
    signal: own.signal,
    abort: (reason) => own.abort(reason),
    release: () => links.forEach((unlink) => unlink()),
  }
}
