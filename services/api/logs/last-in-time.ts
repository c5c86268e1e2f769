import type { LogReader } from '#store/log-reader.ts'
import { backOverLines, countLineEnds } from './last-lines.ts'
import type { FileStretch } from './in-time.ts'

/** The same stretches, from where the last lines of all begin that were written. */
export async function lastInTime(
  reader: Pick<LogReader, 'chunks'>,
  stretches: readonly FileStretch[],
  lines: number,
): Promise<readonly FileStretch[]> {
  const left = new Map(stretches.map(({ part, from, to }) => [part.fileId, { from, to }]))
  const begins = new Map(stretches.map(({ part, to }) => [part.fileId, { from: to, skip: 0 }]))
  const end = new Map(stretches.map(({ part, to }) => [part.fileId, to]))
  let missing = lines
  while (missing > 0) {
    const asked = [...left].map(([fileId, { from, to }]) => ({ fileId, from, to }))
    const rows = await reader.chunks(
      asked.filter(({ from, to }) => from < to),
      'latest',
    )
    if (rows.length === 0) break
    for (const { fileId, seq, text } of rows) {
      const isLast = seq + 1 === end.get(fileId)
      // What of a line is behind the last line feed ends in the chunk behind it, and was counted there.
      const goesOn = !text.endsWith('\n') && !isLast
      const whole = countLineEnds(text) + (isLast && !text.endsWith('\n') ? 1 : 0)
      const found = backOverLines(text, missing + (goesOn ? 1 : 0), true)
      const here = 'index' in found ? found.index : 0
      begins.set(fileId, { from: seq, skip: here })
      left.set(fileId, { from: left.get(fileId)?.from ?? 0, to: seq })
      missing -= Math.min(whole, missing)
      if (missing === 0) break
    }
  }
  return wholeLines(
    reader,
    stretches.map((stretch) => ({ ...stretch, ...begins.get(stretch.part.fileId) })),
  )
}

/** Where a chunk begins inside a line, that line's beginning is in a chunk before it. */
async function wholeLines(
  reader: Pick<LogReader, 'chunks'>,
  stretches: readonly FileStretch[],
): Promise<readonly FileStretch[]> {
  const found: FileStretch[] = []
  for (const stretch of stretches) {
    const { from, to, skip } = stretch
    const mayBeInside = skip === 0 && from > 0 && from < to
    found.push(mayBeInside ? await fromLine(reader, stretch) : stretch)
  }
  return found
}

/** Of a line that began longer ago the rest is shown. */
const longestLine = 64 * 1024

async function fromLine(
  reader: Pick<LogReader, 'chunks'>,
  stretch: FileStretch,
): Promise<FileStretch> {
  const { fileId } = stretch.part
  let { from } = stretch
  for (let gone = 0; from > 0 && gone < longestLine;) {
    const rows = await reader.chunks([{ fileId, from: 0, to: from }], 'latest')
    if (rows.length === 0) break
    for (const { seq, text } of rows) {
      const line = text.lastIndexOf('\n') + 1
      if (line === text.length && line > 0) return { ...stretch, from }
      from = seq
      if (line > 0) return { ...stretch, from, skip: line }
      gone += text.length
    }
  }
  return { ...stretch, from }
}
