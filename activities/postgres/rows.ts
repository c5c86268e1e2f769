import type pg from 'pg'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'
import { columnsOf, declare, type Column } from './columns.ts'
import { embedded } from './statements.ts'
import { isReport, reportOf } from './report.ts'
import { columnTypes, parameterTypes, type ColumnType } from './values.ts'

// Digdag's limits for `store_last_results`: parameters are no place for tables.
const mostRows = 8192
const mostColumns = 64
const longestText = 256
/** Ours: of all values together. Several tasks share a worker's memory. */
const mostCharacters = 8 * 2 ** 20

/** Ours: bytes of a value that is no text, such as a document or a list. */
const longestOther = 2 ** 17

/** Read at a time: the next ones are asked for when these are within the limits. */
const rowsAtOnce = 256
const charactersAtOnce = 2 ** 23
/** Of a text of more bytes the server sends its length only. */
const longestSent = 4096

interface Typed extends Column, ColumnType {}

/**
 * `store_last_results`: the first row, or all of them; what is too large for parameters is refused before
 * more than a batch of it, some 8 MB at the worst, has come here.
 */
export async function lastResults(
  client: pg.Client,
  query: string,
  which: 'first' | 'all',
): Promise<Json> {
  if (isReport(query)) return reportResults(client, query, which)
  const columns = await typed(client, await columnsOf(client, query))
  await declare(client, 'suiro_result', measured(query, columns))
  const wanted = which === 'first' ? 1 : mostRows + 1
  const atOnce = batchOf(columns)
  const types = parameterTypes(columns)
  const found: JsonObject[] = []
  let characters = 0
  while (found.length < wanted) {
    const count = Math.min(atOnce, wanted - found.length)
    const { rows } = await client.query<Json[]>({
      text: `fetch forward ${count} from suiro_result`,
      types,
      rowMode: 'array',
    })
    const objects = rows.map((row) => toObject(row, columns))
    found.push(...objects)
    for (const object of objects) characters += JSON.stringify(object).length
    if (characters > mostCharacters) throw exceeded('size of results', characters, mostCharacters)
    // Read no further than one row too many.
    if (found.length > mostRows) throw exceeded('number of result rows', found.length, mostRows)
    if (rows.length < count) break
  }
  return which === 'first' ? (found[0] ?? {}) : found
}

async function typed(client: pg.Client, columns: readonly Column[]): Promise<readonly Typed[]> {
  if (columns.length > mostColumns)
    throw exceeded('number of result columns', columns.length, mostColumns)
  const types = await columnTypes(
    client,
    columns.map(({ type }) => type),
  )
  return types.map((type, i) => ({ ...columns[i]!, ...type }))
}

/** What SHOW and EXPLAIN answer: no cursor reads it, and it is small. */
async function reportResults(
  client: pg.Client,
  query: string,
  which: 'first' | 'all',
): Promise<Json> {
  const { columns: plain, rows } = await reportOf(client, query)
  const columns = await typed(client, plain)
  if (rows.length > mostRows) throw exceeded('number of result rows', rows.length, mostRows)
  const types = parameterTypes(columns)
  const read = (text: string | null, { type }: Typed): Json =>
    text === null ? null : (types.getTypeParser(type, 'text')(text) as Json)
  const found = rows.map((row) =>
    toObject(
      columns.flatMap((column, i) => [read(row[i] ?? null, column), row[i]?.length ?? null]),
      columns,
    ),
  )
  return which === 'first' ? (found[0] ?? {}) : found
}

const mostSent = ({ isText }: Typed): number => (isText ? longestSent : longestOther)

/** So many rows that the largest ones that are sent come to some 8 MB. */
function batchOf(columns: readonly Typed[]): number {
  const largest = columns.reduce((sum, column) => sum + mostSent(column), 0)
  return Math.max(1, Math.min(rowsAtOnce, Math.floor(charactersAtOnce / Math.max(largest, 1))))
}

/** A query's values, each with the length of its text; `offset 0` keeps them from being worked out twice. */
function measured(query: string, columns: readonly Typed[]): string {
  const names = columns.map((_, i) => `c${i}`)
  const values = columns.map((column, i) => {
    const value = `${names[i]}::text`
    const length = column.isText ? 'length' : 'octet_length'
    return `case when octet_length(${value}) <= ${mostSent(column)} then ${names[i]} end, ${length}(${value})`
  })
  const from = `(select * from (${embedded(query)}) q offset 0) q${names.length === 0 ? '' : `(${names.join(', ')})`}`
  return `\nselect ${values.join(', ')} from ${from}`
}

/** Value and length by turns; Digdag counts a text's characters as Java does, as JavaScript does too. */
function toObject(row: readonly Json[], columns: readonly Typed[]): JsonObject {
  const values = columns.map(({ name, isText }, i): [string, Json] => {
    const value = row[2 * i] ?? null
    const length = typeof value === 'string' && isText ? value.length : Number(row[2 * i + 1] ?? 0)
    const longest = isText ? longestText : longestOther
    if (length > longest) throw exceeded('size of result value', length, longest)
    return [name, value]
  })
  return Object.fromEntries(values)
}

const exceeded = (what: string, got: number, limit: number): OperatorError =>
  new OperatorError(
    `The ${what} exceeded the limit: ${got} > ${limit}. Let the query answer less, or write its result with download_file: gs://… or insert_into`,
    { code: 'LIMIT' },
  )
