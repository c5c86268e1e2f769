import type { LogReader } from '#store/log-reader.ts'
import type { Span } from './byte-range.ts'
import { backOverLines } from './last-lines.ts'
import { readSections, type Section } from './sections.ts'

/** The log of one task, or of one of its tries, as a text whose bytes have places; as far as it was written when it was opened. */
export interface TaskText {
  readonly size: number
  /** The first byte from that one on at which a character begins. */
  characterFrom(byte: number): Promise<number>
  /** Where the last lines begin. */
  lineFrom(lines: number): Promise<number>
  /** From one beginning of a character to another, a piece at a time. */
  pieces(span: Span): AsyncIterable<string>
}

export function createTaskText(reader: LogReader, sections: readonly Section[]): TaskText {
  const size = sections.at(-1)?.end ?? 0
  const sectionAt = (byte: number): number => sections.findIndex(({ end }) => byte < end)

  return {
    size,
    async characterFrom(byte) {
      const section = sections[sectionAt(byte)]
      if (section === undefined) return size
      if (byte <= section.bodyStart) return byte
      const { fileId } = section.part
      const { seq, start } = await reader.placeOf(fileId, byte - section.bodyStart)
      const [chunk] = await reader.chunks([{ fileId, from: seq, to: seq + 1 }], 'listed')
      const bytes = Buffer.from(chunk?.text ?? '')
      const chunkStart = section.bodyStart + start
      let at = byte - chunkStart
      while (at < bytes.length && (bytes[at]! & 0xc0) === 0x80) at += 1
      return chunkStart + at
    },
    async lineFrom(lines) {
      if (lines === 0) return size
      let left = lines
      let end = size
      /** Of a text that ends at `end`. */
      const lookIn = (text: string): number | undefined => {
        const start = end - Buffer.byteLength(text)
        const found = backOverLines(text, left, end === size)
        if ('index' in found) return start + Buffer.byteLength(text.slice(0, found.index))
        left = found.left
        end = start
        return undefined
      }
      for (const { part, chunks, heading } of sections.toReversed()) {
        for (let to = chunks; to > 0;) {
          const stretch = { fileId: part.fileId, from: 0, to }
          const rows = await reader.chunks([stretch], 'latest')
          for (const { text } of rows) {
            const found = lookIn(text)
            if (found !== undefined) return found
          }
          to = rows.at(-1)?.seq ?? 0
        }
        const found = lookIn(heading)
        if (found !== undefined) return found
      }
      return 0
    },
    async *pieces({ from, to }) {
      const first = sectionAt(from)
      const section = sections[first]
      if (section === undefined || from >= to) return
      const { bodyStart, part } = section
      const inBody = from >= bodyStart
      const place = inBody ? await reader.placeOf(part.fileId, from - bodyStart) : undefined
      let at = place === undefined ? section.start : bodyStart + place.start
      for await (const { text } of readSections(reader, sections.slice(first), place?.seq)) {
        const end = at + Buffer.byteLength(text)
        if (at >= from && end <= to) yield text
        else yield Buffer.from(text).toString('utf8', Math.max(0, from - at), to - at)
        at = end
        if (at >= to) return
      }
    },
  }
}
