import { rowsOf, type Queryable } from './queryable.ts'

/** Chunks of a file from one up to, but not with, another. */
export interface Stretch {
  readonly fileId: number
  readonly from: number
  readonly to: number
}

export interface ChunkPlace {
  readonly fileId: number
  readonly seq: number
  readonly bytes: number
}

export interface Chunk {
  readonly fileId: number
  readonly seq: number
  readonly text: string
}

/** `listed`: file after file. `time`: as they were written. `latest`: the same backwards, from the ends of the stretches. */
export type ChunkOrder = 'listed' | 'time' | 'latest'

// Texts are read so many at a time, and about so many bytes; of places there may be more.
const mostTexts = 64
const mostBytes = 512 * 1024
const mostPlaces = 512

/**
 * When a chunk was written. A file's first one is as old as its first line, and so are those of which the version before
 * wrote no time. A clock that was set back changes no order within a file.
 */
const writtenAt = (direction: 'asc' | 'desc'): string => `
  ${direction === 'asc' ? 'max' : 'min'}(case when c.seq = 0 then f.created_at else coalesce(c.written_at, f.created_at) end)
    over (partition by c.file_id order by c.seq ${direction})`

/**
 * The first places of several stretches. Of each file as many chunks are looked at as are answered in all, and no more, by
 * the primary key: the first ones of all files are among them.
 */
const statement = (by: ChunkOrder, most: number): string => {
  const direction = by === 'latest' ? 'desc' : 'asc'
  const order = `at ${direction}, ordinal ${direction}, seq ${direction}`
  const near =
    by === 'latest'
      ? `seq >= greatest(s.first, s.past - ${most}) and seq < s.past`
      : `seq >= s.first and seq < least(s.past, s.first + ${most})`
  return `
    select file_id as "fileId", seq, bytes from (
      select c.file_id, c.seq, s.ordinal, octet_length(c.text) as bytes,
        ${by === 'listed' ? `'-infinity'::timestamptz` : writtenAt(direction)} as at
      from unnest($1::bigint[], $2::int[], $3::int[]) with ordinality s(id, first, past, ordinal)
      join log_files f on f.id = s.id
      cross join lateral (
        select file_id, seq, text, written_at from log_chunks where file_id = s.id and ${near}
        -- A barrier: never by way of a whole table, whatever is thought of its size.
        offset 0
      ) c
    ) c
    where at <= $4
    order by ${order} limit ${most}`
}

const statements = {
  listed: statement('listed', mostTexts),
  time: statement('time', mostPlaces),
  latest: statement('latest', mostTexts),
} as const

/** `until`: what was written later is left out. */
export const readPlaces = (
  db: Queryable,
  stretches: readonly Stretch[],
  order: ChunkOrder,
  until?: Date,
): Promise<readonly ChunkPlace[]> =>
  rowsOf<ChunkPlace>(db, statements[order], [
    stretches.map(({ fileId }) => fileId),
    stretches.map(({ from }) => from),
    stretches.map(({ to }) => to),
    until ?? 'infinity',
  ])

/** The texts of the first ones of these places, in their order: half a megabyte, or one chunk. */
export async function readTexts(
  db: Queryable,
  places: readonly ChunkPlace[],
): Promise<readonly Chunk[]> {
  let bytes = 0
  const end = places.findIndex((place, index) => {
    bytes += place.bytes
    return index === mostTexts || (bytes > mostBytes && index > 0)
  })
  const wanted = end < 0 ? places : places.slice(0, end)
  return rowsOf<Chunk>(
    db,
    `select c.file_id as "fileId", c.seq, c.text
    from unnest($1::bigint[], $2::int[]) with ordinality p(id, seq, ordinal)
    join log_chunks c on c.file_id = p.id and c.seq = p.seq
    order by p.ordinal`,
    [wanted.map(({ fileId }) => fileId), wanted.map(({ seq }) => seq)],
  )
}
