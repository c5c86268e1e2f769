import type { Pool, PoolClient } from 'pg'

/** Runs `body` in one transaction: all of it is committed, or nothing. */
export async function transaction<Result>(
  pool: Pool,
  body: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await body(client)
    await client.query('commit')
    client.release()
    return result
  } catch (error) {
    // A connection that cannot even roll back is not given back to the pool.
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    )
    throw error
  }
}
