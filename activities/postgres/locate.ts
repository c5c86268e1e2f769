import type pg from 'pg'
import { placeOfIndex, probablePlace, type Place } from '../sql/place.ts'
import { showSql } from '../sql/show-sql.ts'
import type { OperatorContext } from '../task/operator.ts'
import { StatementError } from './statement-error.ts'
import { embedded } from './statements.ts'

/** The SQL of a task, and the file of the project that it is from. */
export interface TaskSql {
  readonly sql: string
  readonly file?: string
}

/** Puts the SQL of a task that failed into its log, the line marked, and answers the error that says where. */
export async function located(
  { refused, statement }: StatementError,
  { sql, file }: TaskSql,
  { project, mask, say }: OperatorContext<never>,
): Promise<StatementError> {
  const text = file === undefined ? undefined : await project.text(file).catch(() => undefined)
  const { where, listing } = showSql(
    {
      sql,
      file: file === undefined ? undefined : { path: file, text },
      place: placeOf(refused, statement, sql) ?? probablePlace(sql, refused.message),
    },
    mask,
  )
  say('ERROR', listing)
  return new StatementError(refused, statement, statement === '' ? '' : where)
}

/** Where the server points, in the author's SQL: a statement of ours may be around it. */
function placeOf(
  { position }: pg.DatabaseError,
  statement: string,
  sql: string,
): Place | undefined {
  if (position === undefined) return undefined
  const written = embedded(sql).trim()
  const start = statement.indexOf(written)
  if (start === -1) return undefined
  // The server counts characters, not UTF-16 units.
  const before = Array.from(statement)
    .slice(0, Number(position) - 1)
    .join('')
  const index = before.length - start
  if (index < 0 || index > written.length) return undefined
  return placeOfIndex(sql, sql.indexOf(written) + index)
}
