import pg from 'pg'
import { embedded, execute } from './statements.ts'

/** A column of a query's result. */
export interface Column {
  readonly name: string
  /** PostgreSQL's id of its type. */
  readonly type: number
}

export const declare = (client: pg.Client, name: string, query: string): Promise<void> =>
  execute(client, { text: `declare ${name} no scroll cursor for${query}`, count: 'one' })

/** The columns of a query that is not run. */
export async function columnsOf(client: pg.Client, query: string): Promise<readonly Column[]> {
  // By itself first, so that what is wrong with it is said of it, and nothing else is put in place of it.
  await declare(client, 'suiro_query', embedded(query))
  await client.query('close suiro_query')
  const { fields } = await client.query(`select * from (${embedded(query)}) q limit 0`)
  return fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }))
}

const { FLOAT4, FLOAT8 } = pg.types.builtins

export const isFloat = ({ type }: Column): boolean => type === FLOAT4 || type === FLOAT8
