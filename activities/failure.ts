import { ApplicationFailure } from '@temporalio/activity'
import { taskFailed, type TaskFailure } from '#workflows/activities.ts'
import type { TaskErrorCode } from '#workflows/domain/task-error.ts'
import { withoutStack } from '#workflows/domain/without-stack.ts'
import { shorten } from '#workflows/domain/cut.ts'

/**
 * Whose mistake it was, in Digdag's words: `config` what was written, `runtime` what happened while it
 * ran. It ends the message in brackets; `plain` is a message that is complete in itself (`fail>`, a server's answer).
 */
export type OperatorErrorKind = 'config' | 'runtime' | 'secret not found' | 'plain'

/**
 * A task failed, and this is what its author reads. The message is given without its ending:
 * ` (config)` or ` (runtime)` is added from `kind` (`runtime` unless said otherwise).
 */
export class OperatorError extends Error {
  readonly kind: OperatorErrorKind
  /** Of the closed list, for alerts and queries. */
  readonly code: TaskErrorCode
  /** False where running again could not help, so that `_retry` is not spent on it. */
  readonly retryable: boolean
  /** The work may be done already, wholly or in part: no `_retry` of a group around it runs it again either. */
  readonly final: boolean
  /** Where in code that is not Suiro's it came from, a frame a line: `error.stacktrace` of `_error` tasks. */
  readonly frames: string | undefined
  /** What the task printed last: told with the message to those who do not have its log before them. */
  readonly printed: string | undefined

  constructor(
    message: string,
    options: {
      readonly kind?: OperatorErrorKind
      /** Unless given: `CONFIG` of that kind, `IN_DOUBT` where it is final, else `FAILED`. */
      readonly code?: TaskErrorCode
      readonly retryable?: boolean
      /** Not `retryable` then. */
      readonly final?: boolean
      readonly frames?: string | undefined
      readonly printed?: string | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'OperatorError'
    this.kind = options.kind ?? 'runtime'
    this.final = options.final ?? false
    this.frames = options.frames
    this.printed = options.printed
    this.code = options.code ?? usualCode(this)
    this.retryable = options.retryable ?? !this.final
  }
}

const usualCode = ({ kind, final }: Pick<OperatorError, 'kind' | 'final'>): TaskErrorCode =>
  kind === 'config' ? 'CONFIG' : final ? 'IN_DOUBT' : 'FAILED'

/** What was written in the `.dig` file cannot be done. */
export const configError = (message: string, code: TaskErrorCode = 'CONFIG'): OperatorError =>
  new OperatorError(message, { kind: 'config', code })

/** Nobody set it. */
export const secretNotFound = (key: string): OperatorError =>
  new OperatorError(`Secret not found for key: '${key}'`, {
    kind: 'secret not found',
    code: 'SECRET',
  })

/** The message as recorded on the task, with its ending. */
export const recordedMessage = (error: OperatorError): string =>
  error.kind === 'plain' ? error.message : `${error.message} (${error.kind})`

/** Longer messages hide what they say, and Temporal refuses failures of megabytes. */
export const longestMessage = 16_000

/** How `runTask` ends for Temporal when the task itself failed: never tried again by Temporal. */
export const taskFailure = (message: string, detail: TaskFailure = {}): ApplicationFailure =>
  withoutStack(
    ApplicationFailure.create({
      type: taskFailed,
      nonRetryable: true,
      message: shorten(message, longestMessage),
      details: [detail],
    }),
  )
