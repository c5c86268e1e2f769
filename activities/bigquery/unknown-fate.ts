import { OperatorError } from '../failure.ts'
import { CallFailure } from './api.ts'

/** Nobody knows whether the task's job runs: starting another one could do its work twice. */
export class UnknownFate extends CallFailure {}

/** A task is to end, but its job has not been seen to. */
export const stillRunning = (jobId: string, why: Error): OperatorError =>
  new OperatorError(
    `${why.message}, and nobody knows whether its BigQuery job ${jobId} has stopped, so no _retry starts it anew`,
    { final: true, cause: why },
  )

/** Whether a call that failed this way may have been carried out all the same. */
export const mayHaveArrived = (error: unknown): boolean => {
  if (!(error instanceof CallFailure)) return true
  const { status, code } = error.trouble
  if (status !== undefined) return status === 408 || status >= 500
  return code === undefined || !neverSent.has(code)
}

/** No connection came about. */
const neverSent: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
])
