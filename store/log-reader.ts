import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { placeOf, type LogPlace } from './log-place.ts'
import { readPlaces, readTexts, type Chunk, type ChunkPlace, type Stretch } from './log-chunks.ts'
import { rowOf, rowsOf, type Queryable } from './queryable.ts'

/** Which files of an attempt are read. */
export interface LogChoice {
  readonly attemptId: AttemptId
  readonly taskId?: TaskId
  /** Start of the full name. */
  readonly taskPrefix?: string
  /** The logical try, 0 for the first. */
  readonly retries?: number
}

/** One file, as a part of what is read. */
export interface LogPart {
  readonly fileId: number
  readonly taskId: TaskId
  readonly fullName: string
  /** Null where the version before wrote it and its task has been tried more than once. */
  readonly retries: number | null
  /** Of its first line. */
  readonly createdAt: Date
}

/** How far a file is written: chunks, and bytes of text. */
export interface LogExtent {
  readonly chunks: number
  readonly bytes: number
}

/** What is known of a task whose log is read. */
export interface LoggedTask {
  readonly fullName: string
  readonly retries: number
  /** Its log grows no more. */
  readonly ended: boolean
}

/** Reads logs, those of many tasks at a time too; no call holds a connection longer than its own statement. */
export interface LogReader {
  /** In the order in which they were opened. `afterId`: only files that were opened after that one. */
  parts(choice: LogChoice, afterId?: number): Promise<readonly LogPart[]>
  /** By the file's id; absent of a file without text. */
  extents(fileIds: readonly number[]): Promise<ReadonlyMap<number, LogExtent>>
  /** Undefined where the attempt has no such task. */
  task(attemptId: AttemptId, taskId: TaskId): Promise<LoggedTask | undefined>
  /** Whether a task's full name begins so. */
  hasTask(attemptId: AttemptId, taskPrefix: string): Promise<boolean>
  /** Whether nothing of an attempt is written any more. */
  ended(attemptId: AttemptId): Promise<boolean>
  /** Of these files, those whose task has ended. */
  endedFiles(fileIds: readonly number[]): Promise<readonly number[]>
  /** The chunk in which a byte of a file lies. */
  placeOf(fileId: number, byte: number): Promise<LogPlace>
  /** The first chunks of several stretches, half a megabyte or one chunk; none when there are no more. */
  chunks(stretches: readonly Stretch[], order: 'listed' | 'latest'): Promise<readonly Chunk[]>
  /** Where the first ones are in the order in which they were written, up to a moment; reads no text. */
  places(stretches: readonly Stretch[], until?: Date): Promise<readonly ChunkPlace[]>
  /** The texts of the first ones of these places, half a megabyte or one chunk. */
  texts(places: readonly ChunkPlace[]): Promise<readonly Chunk[]>
}

// Before a try was written down, a task that was tried once tells which one it was.
const retries = 'coalesce(f.retries, case when t.retries = 0 then 0 end)'

export const createLogReader = (db: Queryable): LogReader => ({
  parts: ({ attemptId, taskId, taskPrefix, retries: wanted }, afterId = 0) =>
    rowsOf<LogPart>(
      db,
      `select f.id as "fileId", f.task_id as "taskId", f.full_name as "fullName", f.created_at as "createdAt",
        ${retries} as retries
      from log_files f join tasks t on t.id = f.task_id
      where f.attempt_id = $1 and f.id > $2 and starts_with(f.full_name, $3)
        and ($4::bigint is null or f.task_id = $4) and ($5::int is null or ${retries} = $5)
      order by f.id`,
      [attemptId, afterId, taskPrefix ?? '', taskId ?? null, wanted ?? null],
    ),
  async extents(fileIds) {
    const rows = await rowsOf<LogExtent & { id: number }>(
      db,
      `select f.id, last.seq + 1 as chunks, coalesce(
        last.start + last.bytes,
        (select sum(octet_length(text)) from log_chunks where file_id = f.id)
      )::float8 as bytes
      from unnest($1::bigint[]) f(id) cross join lateral (
        select seq, start, octet_length(text) as bytes from log_chunks
        where file_id = f.id order by seq desc limit 1
      ) last`,
      [fileIds],
    )
    return new Map(rows.map(({ id, chunks, bytes }) => [id, { chunks, bytes }]))
  },
  task: (attemptId, taskId) =>
    rowOf<LoggedTask>(
      db,
      `select t.full_name as "fullName", t.retries,
        (t.finished_at is not null or a.finished_at is not null) as ended
      from tasks t join attempts a on a.id = t.attempt_id where t.id = $2 and t.attempt_id = $1`,
      [attemptId, taskId],
    ),
  async hasTask(attemptId, taskPrefix) {
    const found = await rowOf(
      db,
      'select from tasks where attempt_id = $1 and starts_with(full_name, $2) limit 1',
      [attemptId, taskPrefix],
    )
    return found !== undefined
  },
  async ended(attemptId) {
    const row = await rowOf<{ ended: boolean }>(
      db,
      'select finished_at is not null as ended from attempts where id = $1',
      [attemptId],
    )
    return row?.ended ?? true
  },
  async endedFiles(fileIds) {
    const rows = await rowsOf<{ id: number }>(
      db,
      `select f.id from log_files f join tasks t on t.id = f.task_id
      where f.id = any($1) and t.finished_at is not null`,
      [fileIds],
    )
    return rows.map(({ id }) => id)
  },
  placeOf: (fileId, byte) => placeOf(db, fileId, byte),
  chunks: async (stretches, order) => readTexts(db, await readPlaces(db, stretches, order)),
  places: (stretches, until) => readPlaces(db, stretches, 'time', until),
  texts: (places) => readTexts(db, places),
})
