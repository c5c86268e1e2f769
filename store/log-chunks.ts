import { rowsOf, type Queryable } from './queryable.ts'

/** Chunks of a file from one up to, but not with, another. */
export interface Stretch {
  readonly fileId: number
  readonly from: number
  readonly to: number
}

export interface Chunk {
  readonly fileId: number
  readonly seq: number
  readonly text: string
}

/**
 * `listed`: file after file. `time`: when the text was written, `until` a moment. `latest`: the same backwards, from
 * the ends of the stretches.
 */
export type ChunkOrder =
  | { readonly by: 'listed' | 'latest' }
  | { readonly by: 'time'; readonly until?: Date }

// One read answers so many chunks at the most, and about so many bytes.
const mostChunks = 64
const mostBytes = 512 * 1024

/**
 * When a chunk was written. A file's first one is as old as its first line, and so are those of which the version before
 * wrote no time. A clock that was set back changes no order within a file.
 */
const writtenAt = (direction: 'asc' | 'desc'): string => `
  ${direction === 'asc' ? 'max' : 'min'}(case when c.seq = 0 then f.created_at else coalesce(c.written_at, f.created_at) end)
    over (partition by c.file_id order by c.seq ${direction})`

/** Of each file as many chunks are looked at as are answered in all: the first ones of all files are among them. */
const statement = (by: ChunkOrder['by']): string => {
  const direction = by === 'latest' ? 'desc' : 'asc'
  const order = `at ${direction}, ordinal ${direction}, seq ${direction}`
  return `
    select file_id as "fileId", seq, text from (
      select file_id, seq, text, at, ordinal, sum(bytes) over (order by ${order}) - bytes as before from (
        select c.file_id, c.seq, c.text, s.ordinal, octet_length(c.text) as bytes,
          ${by === 'listed' ? `'-infinity'::timestamptz` : writtenAt(direction)} as at
        from unnest($1::bigint[], $2::int[], $3::int[]) with ordinality s(id, first, past, ordinal)
        join log_files f on f.id = s.id
        cross join lateral (
          select file_id, seq, text, written_at from log_chunks
          where file_id = s.id and seq >= s.first and seq < s.past
          order by seq ${direction} limit ${mostChunks}
        ) c
      ) dated
      where at <= $4
    ) c
    where before < ${mostBytes} order by ${order} limit ${mostChunks}`
}

const statements = {
  listed: statement('listed'),
  time: statement('time'),
  latest: statement('latest'),
} as const

export const readChunks = (
  db: Queryable,
  stretches: readonly Stretch[],
  order: ChunkOrder,
): Promise<readonly Chunk[]> =>
  rowsOf<Chunk>(db, statements[order.by], [
    stretches.map(({ fileId }) => fileId),
    stretches.map(({ from }) => from),
    stretches.map(({ to }) => to),
    order.by === 'time' && order.until !== undefined ? order.until : 'infinity',
  ])
