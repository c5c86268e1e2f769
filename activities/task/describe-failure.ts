import type { TaskErrorCode } from '#workflows/domain/task-error.ts'
import { OperatorError, recordedMessage } from '../failure.ts'
import { isOutage } from './outage.ts'
import { framesOf } from './stack-frames.ts'

/** A task's failure in the words of its author's log. */
export interface Failure {
  /** As recorded on the task. */
  readonly message: string
  /** What the task printed last: recorded with the message, while the log has it already. */
  readonly printed?: string
  readonly code: TaskErrorCode
  readonly retryable: boolean
  /** No group around the task may run it again either. */
  readonly final: boolean
  /** Where it came from, as far as that tells the task's author something. */
  readonly stacktrace?: string
  /** The line about it in the task's log; `message` with secrets taken out. */
  line(fullName: string, message: string, again: boolean): string
}

/** An error that nobody foresaw may pass: so often is a task called before it fails with it. */
export const mostTries = 3

/**
 * The task's failure, or undefined where the task is to be called again: a part of ours is away (PostgreSQL),
 * or nobody foresaw the error and this is not yet its last try. A mistake in an operator's code, and what the
 * file system refuses, would only happen again.
 */
export function describeFailure(error: unknown, tries: number): Failure | undefined {
  if (error instanceof OperatorError) {
    return {
      message: recordedMessage(error),
      code: error.code,
      retryable: error.retryable,
      final: error.final,
      ...(error.frames === undefined ? {} : { stacktrace: error.frames }),
      ...(error.printed === undefined ? {} : { printed: error.printed }),
      line(fullName, message, again) {
        if (again) return `Task failed, retrying\n${message}`
        if (error.kind === 'plain') return `Task ${fullName} failed.\n${message}`
        return error.kind === 'config'
          ? `Configuration error at task ${fullName}: ${message}`
          : `Task failed with unexpected error: ${message}`
      },
    }
  }
  if (isOutage(error)) return undefined
  if (!isMistake(error) && !isRefusedForGood(error) && tries < mostTries) return undefined
  const frames = isMistake(error) ? framesOf(error) : undefined
  return {
    message: `${wordsOf(error)} (runtime)`,
    ...(frames === undefined ? {} : { stacktrace: frames }),
    code: isMistake(error) ? 'DEFECT' : 'UNEXPECTED',
    retryable: !isMistake(error),
    final: false,
    line: (_fullName, message, again) => {
      if (again) return `Task failed, retrying\n${message}`
      const stack = isMistake(error) ? `\n${error.stack ?? ''}` : ''
      return `Task failed with unexpected error: ${message}${stack}`
    },
  }
}

/** An error's own words, and its cause's where it names one. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const because = cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : ''
  return `${error.name}: ${error.message}${because}`
}

/** Codes of the file system, and of Node for arguments, that the same call meets again. */
const refusedForGood =
  /^(EACCES|EEXIST|EINVAL|EISDIR|ELOOP|ENAMETOOLONG|ENOENT|ENOTDIR|ENOTEMPTY|EPERM|EROFS|E2BIG|ERR_.*)$/

const isRefusedForGood = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && refusedForGood.test(String(error.code))

/** A mistake in code. A network that is away also shows as a TypeError (`fetch failed`), but with a cause. */
export const isMistake = (error: unknown): error is Error =>
  (error instanceof TypeError && error.cause === undefined) ||
  error instanceof RangeError ||
  error instanceof ReferenceError ||
  error instanceof URIError ||
  error instanceof SyntaxError
