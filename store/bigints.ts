import pg from 'pg'
import { parseJson } from '#workflows/domain/json-text.ts'

/** PostgreSQL's type id of `bigint[]`. */
const int8Array = 1016

/** Ids and counts as numbers; one that a number cannot hold exactly is refused, never rounded. */
function toNumber(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`PostgreSQL answered ${text}, which a JavaScript number cannot hold exactly`)
}

const toNumbers = (text: string): readonly (number | null)[] =>
  text
    .slice(1, -1)
    .split(',')
    .filter(Boolean)
    .map((item) => (item === 'NULL' ? null : toNumber(item)))

/** How columns are read: `bigint` as number, `json` with its numbers as they are, the rest as pg does. */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === pg.types.builtins.INT8) return toNumber
    if (oid === int8Array) return toNumbers
    if (oid === pg.types.builtins.JSON || oid === pg.types.builtins.JSONB) return parseJson
    return pg.types.getTypeParser(oid, format)
  },
}
