import type pg from 'pg'
import { OperatorError } from '../failure.ts'

/** A statement that the server refused, in the server's words. */
export const describeStatementError = (error: pg.DatabaseError, statement = ''): OperatorError =>
  new OperatorError(
    [
      `ERROR: ${error.message}`,
      lineAt(statement, error.position),
      error.detail && `DETAIL: ${error.detail}`,
      error.hint && `HINT: ${error.hint}`,
    ]
      .filter(Boolean)
      .join('\n  '),
    { cause: error, code: 'SQL' },
  )

/** The line that the server points at: its number would count lines that the author did not write. */
function lineAt(statement: string, position: string | undefined): string | undefined {
  if (position === undefined) return undefined
  // The server counts characters, not UTF-16 units.
  const before = Array.from(statement)
    .slice(0, Number(position) - 1)
    .join('')
  const start = before.lastIndexOf('\n') + 1
  const end = statement.indexOf('\n', before.length)
  const line = statement.slice(start, end === -1 ? undefined : end).trim()
  return line === '' ? undefined : `at: ${line}`
}
