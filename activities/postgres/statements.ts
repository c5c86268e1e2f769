import pg from 'pg'
import { StatementError } from './statement-error.ts'

/** One statement of ours, with a query of the author's in it, or whatever the author has written. */
export interface Statement {
  readonly text: string
  readonly count: 'one' | 'any'
}

/** Runs SQL; what it answers is not stored. */
export async function execute(client: pg.Client, { text, count }: Statement): Promise<void> {
  await explained(
    text,
    () =>
      new Promise<void>((resolve, reject) => {
        // The extended protocol takes one statement only: nothing can follow the author's query.
        const query = new pg.Query({ text, ...(count === 'one' ? { queryMode: 'extended' } : {}) })
        // With a listener rows are handed over one by one, and not gathered in memory.
        query.on('row', () => undefined)
        query.on('error', reject)
        query.on('end', () => resolve())
        client.query(query)
      }),
  )
}

/** Whatever runs a statement, its error reported with the statement that it is about. */
export async function explained<Result>(
  statement: string,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    const refused = [error, error instanceof Error ? error.cause : undefined].find(
      (candidate) => candidate instanceof pg.DatabaseError,
    )
    throw refused === undefined ? error : new StatementError(refused, statement)
  }
}

/** A query to be put into another statement: without the semicolon at its end, and on lines of its own. */
export const embedded = (query: string): string => `\n${query.trim().replace(lastSemicolon, '')}\n`

/** With the comments behind it; a quote there means that it is inside of a text. */
const lastSemicolon = /;\s*(?:--[^\n']*\s*)*$/

/** A name as written, `schema.table` or `table`, capital letters kept. */
export const tableName = (name: string): string =>
  name.split('.').map(pg.escapeIdentifier).join('.')
