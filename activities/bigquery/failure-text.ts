import type { JobError } from './job-report.ts'

/** What a task's author reads: BigQuery's own sentence, where in the task's SQL it is, and what to search for. */
export function failureText(
  { message, reason, location }: JobError,
  { what, where }: { readonly what: string; readonly where?: string },
): string {
  const place = where === undefined || where === '' ? '' : ` (${where})`
  const about = location === undefined ? '' : `, at ${location}`
  return `BigQuery ${reason}: ${message}${place}\n${what}${about}`
}
