import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'

/** The report's rows as they are in BigQuery, newest day first. */
export async function readReport(env: {
  readonly projectId: string
  readonly apiEndpoint?: string
  readonly dataset: string
}): Promise<readonly Record<string, unknown>[]> {
  const { projectId, apiEndpoint, dataset } = env
  const client = new BigQuery({
    projectId,
    ...(apiEndpoint === undefined ? {} : { apiEndpoint, authClient: new PassThroughClient() }),
  })
  const [rows] = await client.query({
    query: `SELECT CAST(day AS STRING) AS day, * EXCEPT (day) FROM \`${dataset}.report\` ORDER BY day DESC LIMIT 10`,
  })
  return rows as Record<string, unknown>[]
}

const cellOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

/** Rows as a table with a line for each column, since a report has few rows and wide names. */
export function formatReport(rows: readonly Record<string, unknown>[]): readonly string[] {
  const [first] = rows
  if (first === undefined) return ['(the report is empty)']
  const columns = Object.keys(first)
  const label = Math.max(...columns.map((column) => column.length))
  const cells = rows.map((row) => columns.map((column) => cellOf(row[column])))
  const widths = cells.map((row) => Math.max(...row.map((cell) => cell.length)))
  return columns.map((column, line) => {
    const values = cells.map((row, index) => (row[line] ?? '').padStart(widths[index] ?? 0))
    return `  ${column.replaceAll('_', ' ').padEnd(label)}  ${values.join('   ')}`
  })
}
