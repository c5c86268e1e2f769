import type pg from 'pg'
import type { Column } from './columns.ts'
import { explained } from './statements.ts'

const comments = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[^]*?\*/)*`
const report = new RegExp(`^${comments}(?:show|explain)\\b`, 'i')

/**
 * Whether a query is one of those that report something (`show`, `explain`): they answer rows, but can stand in no
 * other statement, neither a cursor nor `copy`.
 */
export const isReport = (query: string): boolean => report.test(query)

/** What it answers, as the server's texts. */
export const reportOf = (
  client: pg.Client,
  query: string,
): Promise<{
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly (string | null)[])[]
}> =>
  explained(query, async () => {
    const asked = {
      text: query,
      rowMode: 'array',
      types: asSent,
      // The extended protocol takes one statement only.
      queryMode: 'extended',
    } as const
    const { fields, rows } = await client.query<(string | null)[]>(asked)
    return { columns: fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })), rows }
  })

const asSent: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text }

/** The same as CSV, as PostgreSQL's `copy` writes it. */
export async function reportAsCsv(
  client: pg.Client,
  query: string,
): Promise<{ readonly csv: string; readonly count: number }> {
  const { columns, rows } = await reportOf(client, query)
  const lines = [columns.map(({ name }) => name), ...rows]
  const csv = lines.map((line) => `${line.map(csvField).join(',')}\n`).join('')
  return { csv, count: rows.length }
}

function csvField(value: string | null): string {
  if (value === null) return ''
  return value === '' || /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}
