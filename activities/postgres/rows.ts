import pg from 'pg'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'
import { embedded, execute } from './statements.ts'

// Digdag's limits for `store_last_results` (DIGDAG-SPEC 4.4): parameters are no place for tables.
const mostRows = 8192
const mostColumns = 64
const longestValue = 256

/** `store_last_results`: the first row, or all of them; what is too large for parameters is refused. */
export async function lastResults(
  client: pg.Client,
  query: string,
  which: 'first' | 'all',
): Promise<Json> {
  const text = `declare suiro_result no scroll cursor for${embedded(query)}`
  await execute(client, { text, count: 'one' })
  const { rows, fields } = await client.query<JsonObject>({
    text: `fetch forward ${which === 'first' ? 1 : mostRows + 1} from suiro_result`,
    types: parameterTypes,
  })
  if (fields.length > mostColumns)
    throw exceeded('number of result columns', fields.length, mostColumns)
  // Read no further than one row too many.
  if (rows.length > mostRows) throw exceeded('number of result rows', rows.length, mostRows)
  for (const value of rows.flatMap((row) => Object.values(row))) {
    const { length } = typeof value === 'object' ? JSON.stringify(value) : String(value)
    if (length > longestValue) throw exceeded('size of result value', length, longestValue)
  }
  return which === 'first' ? (rows[0] ?? {}) : rows
}

const exceeded = (what: string, got: number, limit: number): OperatorError =>
  new OperatorError(`The ${what} exceeded the limit: ${got} > ${limit}`)

const { builtins } = pg.types

/** Beyond this a number of JavaScript is not the number that the database holds. */
const mostDigits = 15

/** A number where it is exact, else the text. */
function exactNumber(text: string): number | string {
  const digits = text.replace(/^-?0*/, '').replace('.', '').replace(/^0+/, '')
  return /^-?\d+(?:\.\d+)?$/.test(text) && digits.length <= mostDigits ? Number(text) : text
}

/** JSON has no NaN and no infinity. */
function finiteNumber(text: string): number | string {
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}

const asText: ReadonlySet<number> = new Set([
  builtins.DATE,
  builtins.TIMESTAMP,
  builtins.TIMESTAMPTZ,
  builtins.INTERVAL,
  builtins.BYTEA,
])

/** Values as they stand in parameters; times and the like as PostgreSQL writes them. */
const parameterTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number): (text: string) => unknown {
    if (oid === builtins.INT8 || oid === builtins.NUMERIC) return exactNumber
    if (oid === builtins.FLOAT4 || oid === builtins.FLOAT8) return finiteNumber
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
  builtins.JSON,
  builtins.JSONB,
  // bool[], int2[], int4[], text[], varchar[]
  ...[1000, 1005, 1007, 1009, 1015],
])
