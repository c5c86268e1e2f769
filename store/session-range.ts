import type { TimeRange } from './attempt-filter.ts'
import { rowOf, type Queryable } from './queryable.ts'

/**
 * Whether rows of a range of session times are better found by their times, all of them, and then put in order of ids, or
 * by ids from the newest on until a page is full. Either can mean most of the table: the first for a wide range, the second
 * for an old one. Sessions run near their times, mostly; so ids of those moments say how many rows are in the range, and
 * how many are newer.
 */
export async function isSmallBesideNewer(db: Queryable, { from, to }: TimeRange): Promise<boolean> {
  const row = await rowOf<{ within: number; newer: number }>(
    db,
    `select coalesce(upper.id, newest.id) - coalesce(lower.id, newest.id) as within,
      newest.id - coalesce(upper.id, newest.id) as newer
    from (select coalesce(max(id), 0) as id from attempts) newest
    left join lateral (
      select id from attempts where created_at >= $1 order by created_at limit 1) lower on true
    left join lateral (
      select id from attempts where created_at >= $2 order by created_at limit 1) upper on true`,
    [from ?? '-infinity', to ?? 'infinity'],
  )
  return row === undefined || row.within < row.newer + fewRows
}

/** So many are put in order in no time. */
const fewRows = 5_000
