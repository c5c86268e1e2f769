import { logBeginning, type LogPlace } from '#store/log-place.ts'
import type { Logs } from '#store/logs.ts'
import type { AttemptId, TaskId } from '#workflows/domain/ids.ts'
import type { Mask } from '../secrets/mask.ts'
import { startOf } from '#workflows/domain/cut.ts'
import { startOfBytes } from './cut.ts'
import { formatLine, type Level, type LinePlace } from './line.ts'

/** Takes output as it comes; whoever is given a promise waits for it before the next piece. */
export type Print = (text: string) => Promise<void> | void

/** The log of one run of a task: lines are gathered and written at least every second. */
export interface TaskLog {
  /** What the task itself prints: a line, or several. Nobody waits, so what finds no room is left out. */
  readonly write: (text: string) => void
  /** The same of output of any length, also without end; a piece may end inside a line. */
  readonly print: Print
  /** What we say about the task. */
  say(level: Level, text: string): void
  /** Writes what is left. */
  close(): Promise<void>
}

export interface TaskLogOptions {
  readonly logs: Logs
  readonly place: LinePlace & {
    readonly attemptId: AttemptId
    readonly taskId: TaskId
    /** The logical try, 0 for the first. */
    readonly retries?: number
  }
  /** Which worker writes. */
  readonly agent: string
  /** Absent: the log is a file of its own. Another log of the same task and run writes the same file. */
  readonly stepRun?: string
  /** Takes secrets out of a text. */
  readonly mask: Pick<Mask, 'text' | 'longest' | 'openEnd'>
  /** Of what the task prints; what is longer is left out. */
  readonly mostBytes?: number
  readonly now?: () => Date
}

export const defaultLogBytes = 256 * 2 ** 20

const flushMilliseconds = 1_000
/** What has gathered is written at once beyond this many characters, and in pieces of this size. */
const pieceLength = 128 * 1024
/** Of the end, where a secret may begin. */
const mostHeld = pieceLength / 2
/** No more characters than this wait: a character takes two bytes of memory at the most, so that is 1 MiB. */
const mostTogether = 512 * 1024
/** What a task prints leaves some room for what we say about it. */
const mostPrinted = mostTogether - pieceLength
/** With so many characters waiting, whoever prints is made to wait. */
const mostWaiting = mostPrinted - pieceLength
const longestSaid = 64 * 1024

// L1. At most 1 MiB waits in memory, whatever a task prints and however long the store is away.
// L2. A piece that was offered to the store stays the same until the store has it: it may have arrived
//     although the answer did not.
// L3. Secrets are taken out of what is written together, and the end of it waits where one may have begun,
//     so that one which comes in two pieces is found.
// L4. The log of a run in a step is written at its end, whole: two that are one run then write the same chunks.

/** The file appears in the store with its first line, so a silent run leaves none. */
export function createTaskLog(options: TaskLogOptions): TaskLog {
  const { logs, place, agent, stepRun, mask } = options
  const { mostBytes = defaultLogBytes, now = () => new Date() } = options
  /** As it was printed. */
  let raw = ''
  /** Masked, to be written next. */
  let ready = ''
  let printedBytes = 0
  let silenced = false
  /** Lines of ours for which there was no room. */
  let unsaid = 0
  let began: number | undefined
  let insideLine = false
  let closing = false
  let fileId: number | undefined
  let end: LogPlace = logBeginning
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let failure: unknown
  let room: PromiseWithResolvers<void> | undefined

  const waiting = (): number => raw.length + ready.length
  const makeReady = (): void => {
    const split = closing ? raw.length : splitBeforeSecret(raw, insideLine, mask)
    ready = mask.text(raw.slice(0, split))
    raw = raw.slice(split)
  }
  const writeOut = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    for (;;) {
      if (ready === '') makeReady()
      if (ready === '') {
        if (unsaid === 0) break
        sayMissing()
        continue
      }
      const piece = startOf(ready, pieceLength)
      await store(piece)
      ready = ready.slice(piece.length)
      if (waiting() <= mostWaiting / 2) giveRoom()
    }
    giveRoom()
    failure = undefined
  }
  const store = async (piece: string): Promise<void> => {
    if (fileId === undefined) {
      const { attemptId, taskId, fullName, retries } = place
      const file = {
        attemptId,
        taskId,
        fullName,
        agent,
        ageMilliseconds: age(),
        ...(retries === undefined ? {} : { retries }),
      }
      if (stepRun !== undefined) {
        const begun = await logs.openRun({ ...file, run: stepRun }, piece)
        fileId = begun.id
        end = begun.end
        return
      }
      fileId = (await logs.open(file)).id
    }
    end = await logs.append(fileId, end, piece)
  }
  /** Of the first line, in milliseconds. */
  const age = (): number => Math.round(performance.now() - (began ?? performance.now()))
  const giveRoom = (): void => {
    room?.resolve()
    room = undefined
  }
  const flushLater = (): void => {
    if (!closing) timer ??= setTimeout(flush, flushMilliseconds).unref()
  }
  const flush = (): void => {
    writing = writing.then(writeOut).catch((error: unknown) => {
      failure = error
      // Those who wait print nothing that could bring the next try.
      flushLater()
    })
  }
  const add = (text: string): void => {
    began ??= performance.now()
    raw += text
    insideLine = !text.endsWith('\n')
    // While the store is away the timer tries again.
    if (waiting() >= pieceLength && failure === undefined) flush()
    else if (stepRun === undefined) flushLater()
  }
  /** A line of its own, whatever is before it. */
  const addLine = (text: string): void => {
    if (text !== '') add(`${insideLine ? '\n' : ''}${text}${text.endsWith('\n') ? '' : '\n'}`)
  }
  const say: TaskLog['say'] = (level, text) => {
    const left = text.length - longestSaid
    const whole = left > 0 ? `${startOf(text, longestSaid)} … and ${left} more characters` : text
    const line = formatLine(place, level, whole, now())
    // A text that ends a line of its own leaves an empty one, as in Digdag.
    if (waiting() + line.length + 2 <= mostTogether) addLine(`${line}\n`)
    else unsaid += 1
  }
  const sayMissing = (): void => {
    const count = unsaid
    unsaid = 0
    say('WARN', `${count} lines about the task found no room here: the log could not be written`)
  }
  /** As much of a printed text as there is place for; what is left out is said once. */
  const admit = (text: string, put: (text: string) => void): void => {
    if (silenced) return
    const left = mostBytes - printedBytes
    printedBytes += Buffer.byteLength(text)
    const tooLong = printedBytes > mostBytes
    if (!tooLong && waiting() + text.length <= mostPrinted) return put(text)
    silenced = true
    put(startOf(startOfBytes(text, left), mostPrinted - waiting()))
    say(
      'WARN',
      tooLong
        ? `The log has reached its limit of ${sizeOf(mostBytes)} (SUIRO_LOG_MAX_BYTES): what the task prints from here on is left out, the task goes on`
        : 'The task prints faster than its log can be written: what it prints from here on is left out, the task goes on',
    )
  }

  const printPiece: Print = (text) => {
    admit(text, (piece) => {
      if (piece !== '') add(piece)
    })
    if (silenced || waiting() < mostWaiting) return
    room ??= Promise.withResolvers()
    return room.promise
  }
  const printLong = async (text: string): Promise<void> => {
    for (let from = 0; from < text.length && !silenced;) {
      const piece = startOf(text.slice(from, from + pieceLength + 1), pieceLength)
      await printPiece(piece)
      from += piece.length
    }
  }

  return {
    write: (text) => admit(text, addLine),
    print: (text) => (text.length <= pieceLength ? printPiece(text) : printLong(text)),
    say,
    async close() {
      if (insideLine) add('\n')
      closing = true
      flush()
      await writing
      clearTimeout(timer)
      if (failure !== undefined) throw failure
    },
  }
}

/**
 * Where what is written now ends: behind it may be the start of a secret whose rest is still to come. What
 * is held back stays as it was printed, so that the secret is found whole.
 */
function splitBeforeSecret(raw: string, insideLine: boolean, mask: TaskLogOptions['mask']): number {
  const step = 2 * mask.longest()
  if (step === 0) return raw.length
  const mayGoOn = insideLine || raw.length >= pieceLength
  let held = Math.max(mayGoOn ? step : 0, mask.openEnd(raw))
  const whole = mask.text(raw)
  // Twice as far each time: among nothing but secrets every step fails, and each costs two walks over the text.
  for (; held < raw.length && held <= mostHeld; held = Math.max(2 * held, step)) {
    const split = startOf(raw, raw.length - held).length
    // Not in the middle of another secret, which would not be found in either half.
    if (mask.text(raw.slice(0, split)) + mask.text(raw.slice(split)) === whole) return split
  }
  return raw.length <= mostHeld ? 0 : raw.length
}

const sizeOf = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)} MiB` : `${bytes} bytes`
