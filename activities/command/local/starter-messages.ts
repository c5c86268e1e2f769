import type { Environment } from '../environment.ts'

/** What a worker asks of its starter. */
export type ToStarter =
  /** To make named pipes. */
  | { readonly kind: 'pipes'; readonly paths: readonly string[] }
  /** To start a command that prints into a pipe, whose other end the worker has open. */
  | {
      readonly kind: 'start'
      readonly id: number
      readonly command: readonly string[]
      readonly cwd: string
      readonly env: Environment
      readonly pipe: string
      /** By which the command's processes are known. */
      readonly mark: string
    }
  /** All processes of the command have ended: nobody has to look after it any more. */
  | { readonly kind: 'forget'; readonly id: number }

export type FromStarter =
  | { readonly kind: 'pipes'; readonly error?: string }
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | {
      readonly kind: 'failed'
      readonly id: number
      readonly code?: string
      readonly message: string
    }
  | {
      readonly kind: 'exit'
      readonly id: number
      readonly code: number | null
      readonly signal: NodeJS.Signals | null
    }
