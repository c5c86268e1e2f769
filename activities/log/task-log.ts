import type { Logs } from '#store/logs.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import { formatLine, type Level, type LinePlace } from './line.ts'

/** The log of one run of a task: lines are gathered and written at least every second. */
export interface TaskLog {
  /** What the task itself prints: a line, or several. */
  readonly write: (text: string) => void
  /** What we say about the task. */
  say(level: Level, text: string): void
  /** Writes what is left. */
  close(): Promise<void>
}

export interface TaskLogOptions {
  readonly logs: Logs
  readonly place: LinePlace & { readonly attemptId: AttemptId; readonly taskId: TaskId }
  /** Which worker writes. */
  readonly agent: string
  /** Takes secrets out of a text. */
  readonly mask: (text: string) => string
  readonly now?: () => Date
}

const flushMilliseconds = 1_000
/** What has gathered is written at once beyond this many characters, and in pieces of this size. */
const pieceLength = 128 * 1024

/** The file appears in the store with its first line, so a silent run leaves none. */
export function createTaskLog(options: TaskLogOptions): TaskLog {
  const { logs, place, agent, mask, now = () => new Date() } = options
  let gathered = ''
  let fileId: number | undefined
  let seq = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let failure: unknown

  const writeOut = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    while (gathered !== '') {
      fileId ??= (await logs.open({ ...place, agent })).id
      const piece = gathered.slice(0, pieceLength)
      await logs.append(fileId, seq, piece)
      // Only now: after a failure the same piece is written again, and a piece that arrived stays.
      gathered = gathered.slice(piece.length)
      seq += 1
    }
    failure = undefined
  }
  const flush = (): void => {
    writing = writing.then(writeOut).catch((error: unknown) => {
      failure = error
    })
  }
  const add = (text: string): void => {
    if (text === '') return
    const masked = mask(text)
    gathered += masked.endsWith('\n') ? masked : `${masked}\n`
    if (gathered.length >= pieceLength) flush()
    else timer ??= setTimeout(flush, flushMilliseconds).unref()
  }

  return {
    write: add,
    say: (level, text) => add(formatLine(place, level, text, now())),
    async close() {
      flush()
      await writing
      if (failure !== undefined) throw failure
    },
  }
}
