import { rowOf, type Queryable } from './queryable.ts'

/** Between two chunks of a file: how many are before it, and how many bytes they hold. */
export interface LogPlace {
  readonly seq: number
  readonly start: number
}

export const logBeginning: LogPlace = { seq: 0, start: 0 }

/** The chunk in which a byte lies; of a byte beyond the end, the last one. */
export async function placeOf(db: Queryable, fileId: number, byte: number): Promise<LogPlace> {
  if (byte <= 0) return logBeginning
  // Backwards: who reads on from where they were is near the end.
  const place = await rowOf<LogPlace>(
    db,
    `select seq, start from log_chunks
    where file_id = $1 and start <= $2 order by seq desc limit 1`,
    [fileId, byte],
  )
  if (place !== undefined) return place
  const counted = await rowOf<LogPlace>(
    db,
    `select seq, start from (
      select seq, sum(octet_length(text)) over (order by seq) - octet_length(text) as start
      from log_chunks where file_id = $1
    ) c where start <= $2 order by seq desc limit 1`,
    [fileId, byte],
  )
  return counted ?? logBeginning
}
