import { CallFailure } from './api.ts'

/** Nobody knows whether the task's job runs: starting another one could do its work twice. */
export class UnknownFate extends CallFailure {}

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
