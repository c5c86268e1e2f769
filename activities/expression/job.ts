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
  readonly milliseconds: number
  readonly bytes: number
}

export type SandboxReply =
  | { readonly kind: 'evaluated'; readonly config: JsonObject }
  /** The text whose expression failed, and why, e.g. `ReferenceError: nope is not defined`. */
  | { readonly kind: 'failed'; readonly text: string; readonly message: string }

/** What the sandbox's thread says; `at` names the text it begins with, should it never end. */
export type ThreadMessage =
  | SandboxReply
  | { readonly kind: 'ready' }
  | { readonly kind: 'at'; readonly text: string }

export const tookTooLong = (limits: SandboxLimits): string =>
  `it took longer than ${limits.milliseconds / 1000} seconds`

export const tookTooMuchMemory = (limits: SandboxLimits): string =>
  `it needs more than ${Math.floor(limits.bytes / 2 ** 20)} MB of memory`
