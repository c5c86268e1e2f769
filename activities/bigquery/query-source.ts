import { isObject, type JsonObject } from '#workflows/domain/json.ts'
import { namedPlace, probablePlace } from '../sql/place.ts'
import { showSql } from '../sql/show-sql.ts'
import type { OperatorContext } from '../task/operator.ts'

/** What a job is to do, and the file of the project that its query is from. */
export interface Configured {
  readonly configuration: JsonObject
  readonly file?: string | undefined
}

/**
 * Puts the query of a job that failed into the task's log, its line marked, and answers where in it the message
 * points: `queries/report.sql, line 3: "…"`. Empty for a job without a query.
 */
export async function showQuery(
  { project, mask, say }: OperatorContext<never>,
  { configuration, file }: Configured,
  message = '',
): Promise<string> {
  const sql = queryOf(configuration)
  if (sql === undefined) return ''
  const { where, listing } = showSql(
    {
      sql,
      file: file === undefined ? undefined : { path: file, text: await textOf(project, file) },
      place: namedPlace(sql, message) ?? probablePlace(sql, message),
    },
    mask,
  )
  say('ERROR', listing)
  return where
}

/** What is written in the file; a job's failure is told without it as well. */
const textOf = (project: OperatorContext['project'], file: string): Promise<string | undefined> =>
  project.text(file).catch(() => undefined)

function queryOf(configuration: JsonObject): string | undefined {
  const query = isObject(configuration['query']) ? configuration['query']['query'] : undefined
  return typeof query === 'string' ? query : undefined
}
