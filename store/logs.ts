import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { placeOf, type LogPlace } from './log-place.ts'
import type { LogFile } from './types.ts'

/**
 * A file is as old as its first line, which waits for a while before it is written: `ageMilliseconds` says
 * for how long, so that the clocks of several workers need not agree.
 */
export interface NewLogFile {
  readonly attemptId: AttemptId
  readonly taskId: TaskId
  readonly fullName: string
  readonly agent: string
  /** The logical try, 0 for the first; absent: not known. */
  readonly retries?: number
  readonly ageMilliseconds?: number
}

export interface Logs {
  open(file: NewLogFile): Promise<LogFile>
  /**
   * The file of a run that may be made twice at a time, and its first chunk, which stays where it is there already:
   * whoever comes second writes to the first one's file.
   */
  openRun(
    file: NewLogFile & { readonly run: string },
    text: string,
  ): Promise<{ readonly id: number; readonly end: LogPlace }>
  /** Appends text as the chunk at `place` and answers the next place; a chunk that is there stays. */
  append(fileId: number, place: LogPlace, text: string): Promise<LogPlace>
  /** In order of task name, then age; reads no text. `taskPrefix`: start of the full name. */
  files(
    attemptId: AttemptId,
    taskPrefix?: string,
  ): Promise<readonly (LogFile & { readonly size: number })[]>
  /** Of one task, the oldest first; reads no text. */
  ofTask(taskId: TaskId): Promise<readonly (LogFile & { readonly size: number })[]>
  /**
   * A file's text from a byte on, as far as it is written, in pieces of about a megabyte at the most. A byte
   * inside a character counts as the next character.
   */
  pieces(fileId: number, fromByte?: number): AsyncIterable<string>
}

// One read takes chunks for about this many bytes, and of tiny ones no more than so many.
const bytesAtOnce = 512 * 1024
const mostAtOnce = 1_000
/** Of chunks whose place is not known; they have 128 Ki characters at the most. */
const unplacedAtOnce = 4

const columns = `
  f.id, f.attempt_id as "attemptId", f.task_id as "taskId", f.full_name as "fullName", f.agent,
  f.created_at as "createdAt"`

const sized = `
  select ${columns}, coalesce(
    last.start + last.bytes,
    (select sum(octet_length(text)) from log_chunks where file_id = f.id),
    0
  ) as size
  from log_files f left join lateral (
    select start, octet_length(text) as bytes from log_chunks
    where file_id = f.id order by seq desc limit 1
  ) last on true`

export function createLogs(db: Queryable): Logs {
  return {
    async open({ attemptId, taskId, fullName, agent, retries = null, ageMilliseconds = 0 }) {
      const file = await rowOf<LogFile>(
        db,
        `insert into log_files as f (attempt_id, task_id, full_name, agent, created_at, retries)
        values ($1, $2, $3, $4, now() - $5 * interval '1 millisecond', $6) returning ${columns}`,
        [attemptId, taskId, fullName, agent, ageMilliseconds, retries],
      )
      return answered(file)
    },
    async openRun(file, text) {
      const { attemptId, taskId, fullName, agent, retries = null, ageMilliseconds = 0, run } = file
      const written = storable(text)
      const opened = await rowOf<{ id: number }>(
        db,
        `with file as (
          insert into log_files (attempt_id, task_id, full_name, agent, created_at, run, retries)
          values ($1, $2, $3, $4, now() - $5 * interval '1 millisecond', $6, $8)
          on conflict (task_id, run) where run is not null do update set run = excluded.run
          returning id
        ), chunk as (
          insert into log_chunks (file_id, seq, start, text) select id, 0, 0, $7 from file
          on conflict do nothing
        )
        select id from file`,
        [attemptId, taskId, fullName, agent, ageMilliseconds, run, written, retries],
      )
      return { id: answered(opened).id, end: { seq: 1, start: Buffer.byteLength(written) } }
    },
    async append(fileId, { seq, start }, text) {
      const written = storable(text)
      await db.query(
        `insert into log_chunks (file_id, seq, start, text) values ($1, $2, $3, $4)
        on conflict do nothing`,
        [fileId, seq, start, written],
      )
      return { seq: seq + 1, start: start + Buffer.byteLength(written) }
    },
    files: (attemptId, taskPrefix) =>
      rowsOf<LogFile & { size: number }>(
        db,
        `${sized} where f.attempt_id = $1 and starts_with(f.full_name, $2)
        order by f.full_name collate "C", f.id`,
        [attemptId, taskPrefix ?? ''],
      ),
    ofTask: (taskId) =>
      rowsOf<LogFile & { size: number }>(db, `${sized} where f.task_id = $1 order by f.id`, [
        taskId,
      ]),
    async *pieces(fileId, fromByte = 0) {
      let { seq, start } = await placeOf(db, fileId, fromByte)
      for (;;) {
        const rows = await rowsOf<{ seq: number; text: string }>(
          db,
          `select seq, text from log_chunks
          where file_id = $1 and seq >= $2 and seq < $2 + $4
            and case when start is null then seq < $2 + $5 else start < $3 end
          order by seq`,
          [fileId, seq, start + bytesAtOnce, mostAtOnce, unplacedAtOnce],
        )
        const last = rows.at(-1)
        if (last === undefined) return
        const text = rows.map((row) => row.text).join('')
        const piece = start < fromByte ? fromByteOf(text, fromByte - start) : text
        if (piece !== '') yield piece
        seq = last.seq + 1
        start += Buffer.byteLength(text)
      }
    },
  }
}

/** PostgreSQL's text holds no NUL; a program's output may. */
const storable = (text: string): string => text.replaceAll('\0', '\u{FFFD}')

function answered<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Error('PostgreSQL did not answer the opened log file')
  return row
}

/** What of a text begins at a byte or behind it. */
function fromByteOf(text: string, byte: number): string {
  const bytes = Buffer.from(text)
  let from = byte
  while (from < bytes.length && (bytes[from]! & 0xc0) === 0x80) from += 1
  return bytes.toString('utf8', from)
}
