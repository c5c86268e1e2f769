import type { TaskId } from '#workflows/domain/ids.ts'
import { createLineSearch, type Hit, type LineSearch } from './line-search.ts'
import type { Gone } from './watch.ts'

/** A piece of a task's log; the pieces of one task come one after the other. */
export interface SearchedPiece {
  readonly taskId: TaskId
  readonly fullName: string
  readonly text: string
}

export interface SearchOptions {
  readonly wanted: string
  readonly ignoreCase: boolean
  /** So many lines are answered. */
  readonly most: number
  /** The byte at which the first task's first piece begins; what comes of others begins with theirs. */
  readonly firstByte: number
  /** The logical try that is looked through, where it is one. */
  readonly retries?: number
}

/** The lines in which a text is, each behind the part of an address that leads to it. */
export async function* searchLogs(
  pieces: AsyncIterable<SearchedPiece>,
  { wanted, ignoreCase, most, firstByte, retries }: SearchOptions,
  gone: Gone,
): AsyncGenerator<string> {
  const tryPart = retries === undefined ? '' : `&try=${retries + 1}`
  let task: (SearchedPiece & { readonly search: LineSearch }) | undefined
  let shown = 0
  const placeOf = ({ byte }: Hit): string => `task_id=${task?.taskId}${tryPart}&offset=${byte}`
  const show = (hits: readonly Hit[]): string => {
    const lines = hits
      .slice(0, most - shown)
      .map((hit) => `${task?.fullName} ${placeOf(hit)} | ${hit.text}\n`)
    const next = hits[lines.length]
    shown += lines.length
    return next === undefined
      ? lines.join('')
      : `${lines.join('')}-- ${most} lines are shown; the next one is at ${placeOf(next)}\n`
  }
  /** One more than may be shown has been found. */
  let full = false
  const found = (hits: readonly Hit[]): string => {
    full = shown + hits.length > most
    return hits.length === 0 ? '' : show(hits)
  }

  for await (const piece of pieces) {
    if (gone.aborted) return
    if (task?.taskId !== piece.taskId) {
      const rest = found(task?.search.rest() ?? [])
      if (rest !== '') yield rest
      if (full) return
      const begin = task === undefined ? firstByte : 0
      task = { ...piece, search: createLineSearch(wanted, ignoreCase, begin) }
    }
    const lines = found(task.search.add(piece.text))
    if (lines !== '') yield lines
    if (full) return
  }
  const rest = found(task?.search.rest() ?? [])
  if (rest !== '') yield rest
}
