import type { Pool } from 'pg'
import { rowOf, rowsOf } from '../queryable.ts'
import { transaction } from '../transaction.ts'
import { keptSince, type RetentionPolicy } from './policy.ts'

/** Files of one partition, by their ids. */
const size = 1_000_000
/** A partition is left for the next one after so many days, however few files it has: what goes together is one week. */
const days = 7
/** Partitions that wait for files. */
const ahead = 2
/** Whoever reads a log for long is not pushed aside; the next round tries again. */
const lockTimeout = `set local lock_timeout = '3s'`

const sequence = `pg_get_serial_sequence('log_files', 'id')::regclass`

interface Partition {
  readonly name: string
  /** Ids from the one up to before the other. */
  readonly from: number
  readonly to: number
}

/** In order; without the default one. */
async function partitionsOf(pool: Pool): Promise<readonly Partition[]> {
  const rows = await rowsOf<{ name: string; bound: string }>(
    pool,
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'log_chunks'::regclass`,
  )
  return rows
    .flatMap(({ name, bound }) => {
      const [, from, to] = /FROM \((?:MINVALUE|'(\d+)')\) TO \('(\d+)'\)/.exec(bound) ?? []
      return to === undefined ? [] : [{ name, from: Number(from ?? 0), to: Number(to) }]
    })
    .toSorted((a, b) => a.from - b.from)
}

const lastId = async (pool: Pool): Promise<number> => {
  const row = await rowOf<{ last: number }>(
    pool,
    `select coalesce(pg_sequence_last_value(${sequence}), 0) as last`,
  )
  return row?.last ?? 0
}

/** Makes the partitions that new files will need, and goes on to the next one after a week. */
export async function prepareLogPartitions(pool: Pool): Promise<void> {
  const partitions = await partitionsOf(pool)
  const last = await lastId(pool)
  const stray = await rowOf<{ most: number | null }>(
    pool,
    'select max(file_id) as most from log_chunks_default',
  )
  const beyond = Math.ceil((Math.max(last, stray?.most ?? 0) + 1) / size) * size
  let next = Math.max(partitions.at(-1)?.to ?? 0, stray?.most == null ? 0 : beyond)
  if (next <= last) next = beyond
  for (; next < beyond + ahead * size; next += size) {
    await transaction(pool, async (client) => {
      await client.query(lockTimeout)
      await client.query(
        `create table if not exists log_chunks_from_${next}
        partition of log_chunks for values from (${next}) to (${next + size})`,
      )
    })
  }

  const current = partitions.find(({ from, to }) => from <= last && last < to)
  if (current === undefined) return
  await pool.query(
    // Never back: somebody else may have gone on.
    `select setval(${sequence}, greatest($2::bigint - 1, pg_sequence_last_value(${sequence})))
    from (select created_at from log_files where id >= $1 and id < $2 order by id limit 1) oldest
    where oldest.created_at < now() - make_interval(days => $3)`,
    [current.from, current.to, days],
  )
}

/** Drops the partitions of which nothing is to be kept; answers how many. */
export async function dropLogPartitions(pool: Pool, policy: RetentionPolicy): Promise<number> {
  const last = await lastId(pool)
  let dropped = 0
  for (const { name, from, to } of await partitionsOf(pool)) {
    if (to > last + 1) break
    const kept = await rowOf(
      pool,
      `select from log_files f
      join attempts a on a.id = f.attempt_id join projects p on p.id = a.project_id
      where f.id >= $2 and f.id < $3
        and (a.finished_at is null or a.finished_at >= ${keptSince('logs')})
      limit 1`,
      [JSON.stringify(policy), from, to],
    )
    if (kept !== undefined) continue
    await transaction(pool, async (client) => {
      await client.query(lockTimeout)
      await client.query(`drop table ${name}`)
    })
    dropped += 1
  }
  return dropped
}
