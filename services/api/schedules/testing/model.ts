/** A schedule of sessions 0, 1, 2, …, so plain that it is right at sight; tests hold the real one against it. */
export interface Model {
  /** The session about which is decided next. */
  next: number
  disabled: boolean
  /** What is to run up to then was asked for. */
  runUntil: number
  /** What became of each session that was decided. */
  readonly decided: Map<number, 'run' | 'overtime' | 'missed' | 'skipped'>
  /** Sessions that somebody started by hand. */
  readonly byHand: Set<number>
  /** Whether anything of the workflow runs. */
  running: boolean
  readonly skipOnOvertime: boolean
}

export const newModel = (skipOnOvertime: boolean): Model => ({
  next: 0,
  disabled: false,
  runUntil: -Infinity,
  decided: new Map(),
  byHand: new Set(),
  running: false,
  skipOnOvertime,
})

/** `runOf`: when a session runs; `window`: how late it is still run if nobody asked for it. */
export interface Clock {
  readonly now: number
  readonly window: number
  readonly runOf: (session: number) => number
}

/** Decides about all that is due. */
export function settle(model: Model, { now, window, runOf }: Clock): void {
  if (model.disabled) return
  for (; runOf(model.next) <= now; model.next += 1) {
    const run = runOf(model.next)
    if (run > model.runUntil && run < now - window) model.decided.set(model.next, 'missed')
    else if (model.skipOnOvertime && model.running && !model.byHand.has(model.next)) {
      model.decided.set(model.next, 'overtime')
    } else {
      model.decided.set(model.next, 'run')
      if (!model.byHand.has(model.next)) model.running = true
    }
  }
}

/** Passes over what comes before a session; false where there is nothing to pass. */
export function skipTo(model: Model, session: number): boolean {
  if (session <= model.next) return false
  for (; model.next < session; model.next += 1) model.decided.set(model.next, 'skipped')
  return true
}
