import type { JobError } from './job-report.ts'
import { markSql } from './mark-sql.ts'

/** What a task's author reads: BigQuery's own sentence, the place in the query, and what to search for. */
export function failureText(
  { message, reason, location }: JobError,
  { what, sql }: { readonly what: string; readonly sql?: string | undefined },
): string {
  const marked = sql === undefined ? undefined : markSql(sql, message)
  const place = location === undefined ? '' : `, location ${location}`
  const details = `${what}, reason ${reason}${place}`
  return [`BigQuery: ${message}`, ...(marked === undefined ? [] : [marked]), details].join('\n')
}
