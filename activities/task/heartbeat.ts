import type { Json } from '#workflows/domain/json.ts'

/** A kill comes with the answer to a heartbeat, and is to be felt in two seconds; the worker may hold some back. */
const everyMilliseconds = 500

/** Reports to Temporal that the task is alive for as long as it runs; a local activity need not. */
export interface Heartbeat {
  readonly beat: (details?: Json) => void
  readonly stop: () => void
}

export function startHeartbeat(context: {
  readonly info: { readonly isLocal: boolean }
  readonly heartbeat: (details?: unknown) => void
}): Heartbeat {
  if (context.info.isLocal) return { beat: () => undefined, stop: () => undefined }
  let last: Json = null
  const beat = (details?: Json): void => {
    if (details !== undefined) last = details
    context.heartbeat(last)
  }
  const timer = setInterval(beat, everyMilliseconds)
  return { beat, stop: () => clearInterval(timer) }
}
