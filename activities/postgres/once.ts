import pg from 'pg'
import { OperatorError } from '../failure.ts'
import { CommitInDoubtError } from '../commit-in-doubt.ts'
import { execute, tableName, type Statement } from './statements.ts'

/** The table that says which statements were done, in the database they write to. */
export interface StatusTable {
  readonly schema: string | undefined
  readonly name: string
  /** Rows older than this are removed. */
  readonly cleanupSeconds: number
}

// W1. A row with `completed_at` is there if and only if the statements were committed: it is written in
//     their transaction, which they cannot end: what slipped through the scan is noticed before the row is
//     written, and said.
// W2. Two runs of one id follow each other: the first one's row is waited for until its transaction ends,
//     also when its worker is long gone and only the server still works on it.

/**
 * Runs statements that write, once: a repeated call, after a lost worker, finds their row and writes
 * nothing. Answers whether it wrote.
 */
export async function runOnce(
  client: pg.Client,
  queryId: string,
  table: StatusTable,
  statements: readonly Statement[],
): Promise<boolean> {
  const status = qualified(table)
  await createTable(client, status)
  await client.query('begin')
  await client.query(
    `insert into ${status} (query_id, created_at) values ($1, now()) on conflict do nothing`,
    [queryId],
  )
  const { rows } = await client.query<{ done: boolean; transaction: string }>(
    `select completed_at is not null as done, txid_current()::text as transaction from ${status} where query_id = $1 for update`,
    [queryId],
  )
  const done = rows[0]?.done === true
  if (!done) {
    for (const statement of statements) await execute(client, statement)
    const { rowCount } = await client.query(
      `update ${status} set completed_at = now() where query_id = $1 and txid_current()::text = $2`,
      [queryId, rows[0]?.transaction],
    )
    if (rowCount !== 1) throw new OperatorError(transactionGone, { final: true })
  }
  await commit(client)
  return !done
}

const transactionGone =
  "The SQL ended the transaction that pg> runs it in, so what it wrote is there and nothing says so: a repeated run would write it again. Take COMMIT and ROLLBACK out of it, or set 'strict_transaction: false' and write SQL that may run twice"

async function commit(client: pg.Client): Promise<void> {
  try {
    await client.query('commit')
  } catch (error) {
    // What the server refuses (a deferred constraint) was not committed; a server that goes away did
    // so before or after.
    const refused = error instanceof pg.DatabaseError && !error.code?.startsWith('57P')
    throw refused ? error : new CommitInDoubtError(error)
  }
}

/** Removes the rows of others that are older than the table keeps. */
export async function cleanUp(
  client: pg.Client,
  queryId: string,
  table: StatusTable,
): Promise<void> {
  await client.query(
    `delete from ${qualified(table)} where query_id in (
      select query_id from ${qualified(table)}
      where query_id <> $1 and completed_at < now() - make_interval(secs => $2)
      for update skip locked)`,
    [queryId, table.cleanupSeconds],
  )
}

const qualified = ({ schema, name }: StatusTable): string =>
  (schema === undefined ? '' : `${tableName(schema)}.`) + pg.escapeIdentifier(name)

/** Looked for first: a user who may write to the table need not be one who may make it. */
async function createTable(client: pg.Client, status: string): Promise<void> {
  const { rows } = await client.query<{ found: boolean }>(
    'select to_regclass($1) is not null as found',
    [status],
  )
  if (rows[0]?.found) return
  try {
    await client.query(
      `create table if not exists ${status} (
        query_id text primary key, created_at timestamptz not null, completed_at timestamptz)`,
    )
  } catch (error) {
    // Two tasks may come here at once: the loser of the race finds the table made, or its row type.
    const made = ['23505', '42P07', '42710']
    const race = error instanceof pg.DatabaseError && made.includes(error.code ?? '')
    if (!race) throw error
  }
}
