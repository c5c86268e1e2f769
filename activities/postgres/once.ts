import pg from 'pg'

/** The table that says which statements were done, in the database they write to. */
export interface StatusTable {
  readonly schema: string | undefined
  readonly name: string
  /** Rows older than this are removed. */
  readonly cleanupSeconds: number
}

const qualified = ({ schema, name }: StatusTable): string =>
  [...(schema === undefined ? [] : [schema]), name].map(pg.escapeIdentifier).join('.')

/**
 * Runs statements that write in one transaction together with a row that says so: a repeated call, after
 * a lost worker, finds the row and writes nothing. Answers whether it wrote.
 */
export async function runOnce(
  client: pg.Client,
  queryId: string,
  table: StatusTable,
  statements: readonly string[],
): Promise<boolean> {
  const status = qualified(table)
  await createTable(client, status)
  await client.query('begin')
  try {
    // Somebody else with the same row is waited for here.
    await client.query(
      `insert into ${status} (query_id, created_at) values ($1, now()) on conflict do nothing`,
      [queryId],
    )
    const { rows } = await client.query<{ done: boolean }>(
      `select completed_at is not null as done from ${status} where query_id = $1 for update`,
      [queryId],
    )
    if (rows[0]?.done) {
      await client.query('rollback')
      return false
    }
    for (const statement of statements) await client.query(statement)
    await client.query(`update ${status} set completed_at = now() where query_id = $1`, [queryId])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
  await client.query(
    `delete from ${status} where query_id <> $1 and completed_at < now() - make_interval(secs => $2)`,
    [queryId, table.cleanupSeconds],
  )
  return true
}

/** Two tasks may come here at once: the loser of the race finds the table made. */
async function createTable(client: pg.Client, status: string): Promise<void> {
  try {
    await client.query(
      `create table if not exists ${status} (
        query_id text primary key, created_at timestamptz not null, completed_at timestamptz)`,
    )
  } catch (error) {
    const race = error instanceof pg.DatabaseError && ['23505', '42P07'].includes(error.code ?? '')
    if (!race) throw error
  }
}
