import type { Pool, PoolClient, QueryResultRow } from 'pg'

/** A pool or a client inside a transaction: both fit the same slot. */
export type Queryable = Pick<Pool | PoolClient, 'query'>

/** Runs a statement and answers its rows. */
export async function rowsOf<Row extends QueryResultRow>(
  db: Queryable,
  sql: string,
  params: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { rows } = await db.query<Row>(sql, [...params])
  return rows
}

/** The first row, where there is one. */
export async function rowOf<Row extends QueryResultRow>(
  db: Queryable,
  sql: string,
  params: readonly unknown[] = [],
): Promise<Row | undefined> {
  const [row] = await rowsOf<Row>(db, sql, params)
  return row
}
