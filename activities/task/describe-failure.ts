import { OperatorError, recordedMessage } from '../failure.ts'

/** A task's failure in the words of its author's log. */
export interface Failure {
  /** As recorded on the task. */
  readonly message: string
  readonly retryable: boolean
  /** The line about it in the task's log; `message` with secrets taken out. */
  line(fullName: string, message: string, again: boolean): string
}

/**
 * The task's own failure, or undefined for one of ours (PostgreSQL is away), which is no answer to
 * whether the task can be done. A mistake in an operator's code would only happen again, so it fails
 * the task.
 */
export function describeFailure(error: unknown): Failure | undefined {
  if (error instanceof OperatorError) {
    return {
      message: recordedMessage(error),
      retryable: error.retryable,
      line(fullName, message, again) {
        if (again) return `Task failed, retrying\n${message}`
        if (error.kind === 'plain') return `Task ${fullName} failed.\n${message}`
        return error.kind === 'config'
          ? `Configuration error at task ${fullName}: ${message}`
          : `Task failed with unexpected error: ${message}`
      },
    }
  }
  if (!isMistake(error)) return undefined
  return {
    message: `${error.name}: ${error.message} (runtime)`,
    retryable: false,
    line: (_fullName, message) =>
      `Task failed with unexpected error: ${message}\n${error.stack ?? ''}`,
  }
}

/** A mistake in code. A network that is away also shows as a TypeError (`fetch failed`), but with a cause. */
export const isMistake = (error: unknown): error is Error =>
  (error instanceof TypeError && error.cause === undefined) ||
  error instanceof RangeError ||
  error instanceof ReferenceError ||
  error instanceof SyntaxError
