import type { LogPart, LogReader } from '#store/log-reader.ts'

/** What is to be read of a file: chunks from one up to another, in the first one from an index of its text on. */
export interface FileStretch {
  readonly part: LogPart
  readonly from: number
  readonly to: number
  readonly skip: number
}

export interface FilePiece {
  readonly part: LogPart
  readonly text: string
}

/** Files that are asked for together; twice as many where what comes next is in none of them. */
const atOnce = 64

/**
 * What several files hold, in the order in which it was written, a few chunks at a time. Asked for are those files only
 * that have begun by then: of thousands of tasks a few run at a time.
 */
export async function* readInTime(
  reader: Pick<LogReader, 'places' | 'texts'>,
  stretches: readonly FileStretch[],
): AsyncGenerator<FilePiece> {
  const left = stretches
    .filter(({ from, to }) => from < to)
    .map(({ part, from, to, skip }) => ({ part, fileId: part.fileId, from, to, skip }))
    .toSorted((a, b) => a.part.createdAt.getTime() - b.part.createdAt.getTime())
  for (let width = atOnce; left.length > 0;) {
    const asked = new Map(left.slice(0, width).map((file) => [file.fileId, file]))
    const until = left[width]?.part.createdAt
    const places = await reader.places([...asked.values()], until)
    if (places.length === 0) {
      // What was asked for last is gone: retention takes whole files.
      if (until === undefined) return
      width *= 2
      continue
    }
    let ended = false
    for (let at = 0; at < places.length;) {
      const chunks = await reader.texts(places.slice(at))
      if (chunks.length === 0) return
      at += chunks.length
      for (const { fileId, seq, text } of chunks) {
        const file = asked.get(fileId)
        if (file === undefined) continue
        yield { part: file.part, text: text.slice(file.skip) }
        file.skip = 0
        file.from = seq + 1
        ended ||= file.from >= file.to
      }
    }
    if (!ended) continue
    const open = left.filter(({ from, to }) => from < to)
    left.splice(0, left.length, ...open)
  }
}
