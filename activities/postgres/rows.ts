import pg from 'pg'
import type { Json, JsonObject } from '#workflows/domain/json.ts'
import { OperatorError } from '../failure.ts'

// Digdag's limits for `store_last_results` (DIGDAG-SPEC 4.4): parameters are no place for tables.
const mostRows = 8192
const mostColumns = 64
const longestValue = 256

const { builtins } = pg.types
const exactNumber = (text: string): number | string => {
  const value = Number(text)
  return String(value) === text || Number.isSafeInteger(value) ? value : text
}

/** Values as they stand in parameters: numbers where they are exact, times as PostgreSQL writes them. */
export const parameterTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === builtins.INT8 || oid === builtins.NUMERIC) return exactNumber
    const asText: readonly number[] = [
      builtins.DATE,
      builtins.TIMESTAMP,
      builtins.TIMESTAMPTZ,
      builtins.INTERVAL,
      builtins.BYTEA,
    ]
    return asText.includes(oid) ? (text: string) => text : pg.types.getTypeParser(oid, format)
  },
} as pg.CustomTypesConfig

/** `store_last_results`: the first row, or all of them; what is too large for parameters is refused. */
export async function lastResults(
  client: pg.Client,
  query: string,
  which: 'first' | 'all',
): Promise<Json> {
  const { rows, fields } = await client.query<JsonObject>({ text: query, types: parameterTypes })
  if (fields.length > mostColumns) {
    throw new OperatorError(`Too many columns in the result: ${fields.length} > ${mostColumns}`)
  }
  if (which === 'all' && rows.length > mostRows) {
    throw new OperatorError(`Too many rows in the result: ${rows.length} > ${mostRows}`)
  }
  const kept = which === 'first' ? rows.slice(0, 1) : rows
  for (const row of kept) {
    for (const [column, value] of Object.entries(row)) {
      const length = typeof value === 'string' ? value.length : 0
      if (length > longestValue) {
        throw new OperatorError(
          `Too long value in the result: column ${column} has ${length} characters, more than ${longestValue}`,
        )
      }
    }
  }
  return which === 'first' ? (kept[0] ?? {}) : kept
}
