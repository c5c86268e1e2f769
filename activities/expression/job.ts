import type { JsonObject } from '#workflows/domain/json.ts'

/** What the sandbox is asked for: to evaluate a config, or one text, in a scope. */
export interface SandboxJob {
  readonly config: JsonObject
  /** Top-level names of the expressions. */
  readonly scope: JsonObject
  /** Zone of `Date` and `moment()`. */
  readonly timezone: string
  /** Reading moment costs more than most expressions, so it is there only for those who name it. */
  readonly moment: 'none' | 'one zone' | 'all zones'
}

export interface SandboxLimits {
  /** Of the processor's time for what the engine can interrupt, of the clock's for what it cannot. */
  readonly milliseconds: number
  /** Of memory, for all that is there at one time. */
  readonly bytes: number
  /** Of all texts that one job results in. */
  readonly characters: number
}

export type SandboxReply =
  | { readonly kind: 'evaluated'; readonly config: JsonObject; readonly spent?: boolean }
  | {
      readonly kind: 'failed'
      /** The text whose expression failed. */
      readonly text: string
      /** Why, e.g. `ReferenceError: nope is not defined`. */
      readonly message: string
      /** It was ended because its time was up. */
      readonly overtime?: true
      /** The thread holds much memory, which goes only with it. */
      readonly spent?: boolean
    }

/** What the sandbox's thread is made with. */
export interface ThreadData {
  readonly bytes: number
}

/** What the sandbox's thread is sent. Values go there and back as JSON: exact numbers cannot be cloned. */
export interface ThreadTask {
  /** JSON of a SandboxJob. */
  readonly job: string
  readonly limits: SandboxLimits
}

/** What the sandbox's thread says; `at` names the text it begins with, should it never end. */
export type ThreadMessage =
  /** JSON of a SandboxReply. */
  | { readonly kind: 'replied'; readonly reply: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'at'; readonly text: string }

export const tookTooLong = (limits: SandboxLimits): string =>
  `it took longer than ${limits.milliseconds / 1000} seconds`

export const tookTooMuchMemory = (limits: SandboxLimits): string =>
  `it needs more than ${Math.floor(limits.bytes / 2 ** 20)} MB of memory`

export const tookTooMuchText = (limits: SandboxLimits): string =>
  `the texts it results in are longer than ${Math.floor(limits.characters / 2 ** 20)} million characters`
