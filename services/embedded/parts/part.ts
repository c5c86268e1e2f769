import type { Ledger } from '../processes/ownership.ts'
import type { Stopping } from '../processes/stopping.ts'
import type { Settings } from '../settings.ts'

/** What a part needs to start. */
export interface PartContext {
  readonly settings: Settings
  readonly ledger: Ledger
  /** Absent where nobody can ask for an early end. */
  readonly stopping?: Stopping
  /** Where the part's log goes. */
  readonly logFile: (name: string) => string
  /** Says in a few words what is going on. */
  readonly progress: (text: string) => void
}

/** A running part: where it is, what others must know of it, and how to stop it. */
export interface Part {
  readonly name: string
  /** For people. */
  readonly address: string
  /** For API and worker. */
  readonly env: Readonly<Record<string, string>>
  /** Resolves when the part ends by itself; never for one that runs elsewhere. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** A part that runs elsewhere. */
export const elsewhere = (
  name: string,
  address: string,
  env: Readonly<Record<string, string>>,
): Part => ({
  name,
  address: `${address} (runs elsewhere)`,
  env,
  ended: new Promise(() => undefined),
  stop: () => Promise.resolve(),
})
