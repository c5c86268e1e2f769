import type { LogChoice, LogPart, LogReader } from '#store/log-reader.ts'
import { readInTime, type FileStretch } from './in-time.ts'
import { lastInTime } from './last-in-time.ts'
import { createLineMarker } from './mark-lines.ts'
import { firstWord, nextLook, type Gone } from './watch.ts'

export interface MergeOptions {
  readonly choice: LogChoice
  /** Only so many lines of what is there. */
  readonly tail?: number
  /** Goes on until the attempt has ended. */
  readonly follow: boolean
}

/** Whose line it is; a second try is named, the first one needs no word. */
export const markOf = ({ fullName, retries }: Pick<LogPart, 'fullName' | 'retries'>): string =>
  retries === null || retries === 0 ? fullName : `${fullName} try ${retries + 1}`

/** A file has its id before anybody sees it: for so long, files of lower ids than the highest are looked for, too. */
const unseenMilliseconds = 10_000

/** The logs of many tasks, line by line in the order in which they were written, each line with the name of its task. */
export async function* mergedLog(
  reader: LogReader,
  { choice, tail, follow }: MergeOptions,
  gone: Gone,
): AsyncGenerator<string> {
  const marker = createLineMarker()
  /** Files that may grow, and how many chunks of each were read. */
  const read = new Map<number, { readonly part: LogPart; chunks: number }>()
  const known = new Set<number>()
  let highest = 0
  let seen = { settled: 0, upTo: 0, since: performance.now() }
  for (let looks = 0; ; looks += 1) {
    const over = !follow || (await reader.ended(choice.attemptId))
    const fresh = await reader.parts(choice, over ? 0 : seen.settled)
    for (const part of fresh) {
      if (!known.has(part.fileId)) read.set(part.fileId, { part, chunks: 0 })
      known.add(part.fileId)
      highest = Math.max(highest, part.fileId)
    }
    const settled = performance.now() - seen.since > unseenMilliseconds
    const quiet = settled && !over ? await reader.endedFiles([...read.keys()]) : []

    const extents = await reader.extents([...read.keys()])
    const stretches: readonly FileStretch[] = [...read.values()].map(({ part, chunks }) => {
      const { chunks: to } = extents.get(part.fileId) ?? { chunks }
      return { part, from: chunks, to, skip: 0 }
    })
    for (const { part, to } of stretches) read.get(part.fileId)!.chunks = to
    const wanted =
      looks === 0 && tail !== undefined ? await lastInTime(reader, stretches, tail) : stretches
    if (looks === 0) yield firstWord
    for await (const { part, text } of readInTime(reader, wanted)) {
      if (gone.aborted) return
      const lines = marker.add(part.fileId, markOf(part), text)
      if (lines !== '') yield lines
    }

    if (settled) {
      for (const fileId of quiet) read.delete(fileId)
      seen = { settled: seen.upTo, upTo: highest, since: performance.now() }
    }
    if (over || !(await nextLook(gone))) break
  }
  const rest = marker.rest()
  if (rest !== '' && !gone.aborted) yield rest
}
