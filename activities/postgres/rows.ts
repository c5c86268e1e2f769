import pg from 'pg'
import { floatOf, numberOf, type ExactNumber } from '#workflows/domain/exact-number.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import { textOf, type Json, type JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'
import { columnsOf, declare } from './columns.ts'
import { embedded } from './statements.ts'

// Digdag's limits for `store_last_results`: parameters are no place for tables.
const mostRows = 8192
const mostColumns = 64
const longestValue = 256
/** Ours: of all values together. Several tasks share a worker's memory. */
const mostCharacters = 8 * 2 ** 20

/** Read at a time: the next ones are asked for when these are within the limits. */
const rowsAtOnce = 256
const valuesAtOnce = 2048
/** Of a value whose text is longer the server sends the length only. */
const longestSent = 4096

/**
 * `store_last_results`: the first row, or all of them; what is too large for parameters is refused before
 * more than a batch of it, some 8 MB at the worst, has come here.
 */
export async function lastResults(
  client: pg.Client,
  query: string,
  which: 'first' | 'all',
): Promise<Json> {
  const names = (await columnsOf(client, query)).map(({ name }) => name)
  if (names.length > mostColumns)
    throw exceeded('number of result columns', names.length, mostColumns)
  await declare(client, 'suiro_result', measured(query, names.length))
  const wanted = which === 'first' ? 1 : mostRows + 1
  const atOnce = Math.min(rowsAtOnce, Math.ceil(valuesAtOnce / Math.max(names.length, 1)))
  const found: JsonObject[] = []
  let characters = 0
  while (found.length < wanted) {
    const count = Math.min(atOnce, wanted - found.length)
    const { rows } = await client.query<Json[]>({
      text: `fetch forward ${count} from suiro_result`,
      types: parameterTypes,
      rowMode: 'array',
    })
    const objects = rows.map((row) => toObject(row, names))
    found.push(...objects)
    for (const object of objects) characters += JSON.stringify(object).length
    if (characters > mostCharacters) throw exceeded('size of results', characters, mostCharacters)
    // Read no further than one row too many.
    if (found.length > mostRows) throw exceeded('number of result rows', found.length, mostRows)
    if (rows.length < count) break
  }
  return which === 'first' ? (found[0] ?? {}) : found
}

/** A query's values, each with the length of its text; `offset 0` keeps them from being worked out twice. */
function measured(query: string, columns: number): string {
  const names = Array.from({ length: columns }, (_, i) => `c${i}`)
  const values = names.map(
    (name) =>
      `case when octet_length(${name}::text) <= ${longestSent} then ${name} end, length(${name}::text)`,
  )
  const from = `(select * from (${embedded(query)}) q offset 0) q${columns === 0 ? '' : `(${names.join(', ')})`}`
  return `\nselect ${values.join(', ')} from ${from}`
}

/** Value and length by turns. */
function toObject(row: readonly Json[], names: readonly string[]): JsonObject {
  const values = names.map((name, i): [string, Json] => {
    const value = row[2 * i] ?? null
    const length = value === null ? Number(row[2 * i + 1] ?? 0) : textOf(value).length
    if (length > longestValue) throw exceeded('size of result value', length, longestValue)
    return [name, value]
  })
  return Object.fromEntries(values)
}

const exceeded = (what: string, got: number, limit: number): OperatorError =>
  new OperatorError(
    `The ${what} exceeded the limit: ${got} > ${limit}. Let the query answer less, or write its result with download_file: gs://… or insert_into`,
    { code: 'LIMIT' },
  )

const { builtins } = pg.types

/** An integer, or a decimal as it is; JSON has no NaN and no infinity. */
const exactNumber = (text: string): number | ExactNumber | string =>
  /^-?\d+(?:\.\d+)?$/.test(text) ? numberOf(text) : text

/** A float, also where it is whole. */
function finiteNumber(text: string): number | ExactNumber | string {
  const value = Number(text)
  return Number.isFinite(value) ? floatOf(value) : text
}

const asText: ReadonlySet<number> = new Set([
  builtins.DATE,
  builtins.TIMESTAMP,
  builtins.TIMESTAMPTZ,
  builtins.INTERVAL,
  builtins.BYTEA,
])

/** Values as they are in parameters; times and the like as PostgreSQL writes them. */
const parameterTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number): (text: string) => unknown {
    if (oid === builtins.INT8 || oid === builtins.NUMERIC) return exactNumber
    if (oid === builtins.FLOAT4 || oid === builtins.FLOAT8) return finiteNumber
    if (oid === builtins.JSON || oid === builtins.JSONB) return parseJson
    if (asText.has(oid)) return (text) => text
    return plainTypes.has(oid) ? pg.types.getTypeParser(oid, 'text') : (text) => text
  },
}

/** Those whose JavaScript values are JSON; all others (points, ranges, …) stay texts. */
const plainTypes: ReadonlySet<number> = new Set([
  builtins.BOOL,
  builtins.INT2,
  builtins.INT4,
  builtins.OID,
  // bool[], int2[], int4[], text[], varchar[]
  ...[1000, 1005, 1007, 1009, 1015],
])
