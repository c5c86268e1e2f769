import { OperatorError } from '../failure.ts'
import { CallFailure } from './api.ts'

/** Nobody knows whether the task's job runs: starting another one could do its work twice. */
export class UnknownFate extends CallFailure {}

/** BigQuery has answered that it does not start the job, and nobody had asked before: it never ran. */
export class Refused extends CallFailure {}

/** Another job has the id. */
export class NotOurs extends OperatorError {}

/** BigQuery's word for why the job never ran; undefined where it may have. */
export function whyNotRun(error: unknown): string | undefined {
  if (error instanceof NotOurs) return 'duplicate'
  if (!(error instanceof Refused)) return undefined
  const { reason, status, code } = error.trouble
  return reason ?? String(status ?? code)
}

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
