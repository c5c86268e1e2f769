import { rowOf, rowsOf, type Queryable } from './queryable.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { LogFile } from './types.ts'

export interface Logs {
  open(file: {
    readonly attemptId: AttemptId
    readonly taskId: TaskId
    readonly fullName: string
    readonly agent: string
  }): Promise<LogFile>
  /** Appends text (whole lines) as chunk `seq`; a chunk that is there stays. */
  append(fileId: number, seq: number, text: string): Promise<void>
  /** In order of task name, then age. `taskPrefix`: start of the full name. */
  files(
    attemptId: AttemptId,
    taskPrefix?: string,
  ): Promise<readonly (LogFile & { readonly size: number })[]>
  /** A file's text from its beginning, in pieces of a few megabytes at the most. */
  pieces(fileId: number): AsyncIterable<string>
}

/** Of some 128 KB each. */
const chunksAtOnce = 16

const columns = `
  f.id, f.attempt_id as "attemptId", f.task_id as "taskId", f.full_name as "fullName", f.agent,
  f.created_at as "createdAt"`

export function createLogs(db: Queryable): Logs {
  return {
    async open({ attemptId, taskId, fullName, agent }) {
      const file = await rowOf<LogFile>(
        db,
        `insert into log_files as f (attempt_id, task_id, full_name, agent) values ($1, $2, $3, $4)
        returning ${columns}`,
        [attemptId, taskId, fullName, agent],
      )
      if (file === undefined) throw new Error('PostgreSQL did not answer the opened log file')
      return file
    },
    async append(fileId, seq, text) {
      // PostgreSQL's text holds no NUL; a program's output may.
      await db.query(
        'insert into log_chunks (file_id, seq, text) values ($1, $2, $3) on conflict do nothing',
        [fileId, seq, text.replaceAll('\0', '\u{FFFD}')],
      )
    },
    files: (attemptId, taskPrefix) =>
      rowsOf<LogFile & { size: number }>(
        db,
        `select ${columns}, coalesce(sum(octet_length(c.text)), 0)::int as size
        from log_files f left join log_chunks c on c.file_id = f.id
        where f.attempt_id = $1 and starts_with(f.full_name, $2)
        group by f.id order by f.full_name collate "C", f.id`,
        [attemptId, taskPrefix ?? ''],
      ),
    async *pieces(fileId) {
      for (let from = 0; ; from += chunksAtOnce) {
        const rows = await rowsOf<{ text: string }>(
          db,
          `select text from log_chunks
          where file_id = $1 and seq >= $2 and seq < $2 + $3 order by seq`,
          [fileId, from, chunksAtOnce],
        )
        if (rows.length > 0) yield rows.map(({ text }) => text).join('')
        if (rows.length < chunksAtOnce) return
      }
    },
  }
}
