import pg from 'pg'
import { floatOf, numberOf, type ExactNumber } from '#workflows/domain/exact-number.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import type { Json } from '#workflows/domain/json.ts'
import { parseArray } from './array-text.ts'

/** What is to be known of a column's type before its values are read. */
export interface ColumnType {
  readonly type: number
  /** Digdag's limit of 256 characters is for texts. */
  readonly isText: boolean
  /** Of an array: the type of its elements, and what stands between two of them. */
  readonly element?: { readonly type: number; readonly delimiter: string }
}

interface TypeRow {
  readonly type: number
  readonly category: string
  readonly element: number | null
  readonly delimiter: string
}

/** Domains are read as what they are made of, as the server itself describes a column of one. */
const describe = `
  with recursive base (named, oid) as (
    select oid, oid from pg_type
    union all
    select base.named, t.typbasetype from base join pg_type t on t.oid = base.oid where t.typtype = 'd'
  )
  select t.oid::int as type, t.typcategory as category, t.typdelim as delimiter,
    case when t.typinput = 'array_in'::regproc then (
      select base.oid::int from base join pg_type b on b.oid = base.oid
      where base.named = t.typelem and b.typtype <> 'd'
    ) end as element
  from pg_type t where t.oid = any($1::oid[])`

/** The types of a result's columns, in their order. */
export async function columnTypes(
  client: pg.Client,
  types: readonly number[],
): Promise<readonly ColumnType[]> {
  const { rows } = await client.query<TypeRow>(describe, [[...new Set(types)]])
  const found = new Map(rows.map((row) => [row.type, row]))
  return types.map((type) => {
    const row = found.get(type)
    const isText = row?.category === 'S'
    if (row?.element == null) return { type, isText }
    return { type, isText, element: { type: row.element, delimiter: row.delimiter } }
  })
}

/** Reads values as they are in parameters; times and the like as PostgreSQL writes them, arrays as lists. */
export function parameterTypes(columns: readonly ColumnType[]): pg.CustomTypesConfig {
  const arrays = new Map(
    columns.flatMap(({ type, element }) => (element === undefined ? [] : [[type, element]])),
  )
  return {
    getTypeParser(oid: number): (text: string) => unknown {
      const element = arrays.get(oid)
      return element === undefined
        ? (text) => valueOf(oid, text)
        : (text) => parseArray(text, element.delimiter, (item) => valueOf(element.type, item))
    },
  }
}

const { builtins } = pg.types

function valueOf(type: number, text: string): Json {
  switch (type) {
    case builtins.BOOL:
      return text === 't'
    case builtins.INT2:
    case builtins.INT4:
    case builtins.INT8:
    case builtins.OID:
    case builtins.NUMERIC:
      return exactNumber(text)
    case builtins.FLOAT4:
    case builtins.FLOAT8:
      return finiteNumber(text)
    case builtins.JSON:
    case builtins.JSONB:
      return parseJson(text) as Json
    default:
      return text
  }
}

/** An integer, or a decimal as it is; JSON has no NaN and no infinity. */
const exactNumber = (text: string): number | ExactNumber | string =>
  /^-?\d+(?:\.\d+)?$/.test(text) ? numberOf(text) : text

/** A float, also where it is whole. */
function finiteNumber(text: string): number | ExactNumber | string {
  const value = Number(text)
  return Number.isFinite(value) ? floatOf(value) : text
}
