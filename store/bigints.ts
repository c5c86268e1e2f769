import pg from 'pg'

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

/** How columns are read: `bigint` as number, the rest as pg does (`json` in the order of its keys). */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === pg.types.builtins.INT8) return toNumber
    if (oid === int8Array) return toNumbers
    return pg.types.getTypeParser(oid, format)
  },
}
