import type { LogExtent, LogPart, LogReader } from '#store/log-reader.ts'

/** A file in the text of its task: behind a heading, where another try of the task begins. */
export interface Section {
  readonly part: LogPart
  readonly chunks: number
  /** The byte of the task's text at which it begins, with its heading. */
  readonly start: number
  readonly heading: string
  /** The byte at which its own text begins, and the one behind it. */
  readonly bodyStart: number
  readonly end: number
}

/** As `tail` and `head` name one file after another. A task's first try needs none. */
const headingOf = (retries: number): string => `\n==> try ${retries + 1} <==\n`

/** A task's files, in the order in which they were opened, as one text. It only grows, so that its bytes keep their places. */
export function sectionsOf(
  parts: readonly LogPart[],
  extents: ReadonlyMap<number, LogExtent>,
  headings: boolean,
): readonly Section[] {
  const sections: Section[] = []
  let tries = 0
  let start = 0
  for (const part of parts) {
    const { chunks, bytes } = extents.get(part.fileId) ?? { chunks: 0, bytes: 0 }
    if (bytes === 0) continue
    const retries = part.retries ?? tries
    const heading = headings && retries !== tries ? headingOf(retries) : ''
    tries = retries
    const bodyStart = start + heading.length
    const end = bodyStart + bytes
    sections.push({ part, chunks, start, heading, bodyStart, end })
    start = end
  }
  return sections
}

export interface SectionPiece {
  readonly section: Section
  readonly text: string
}

/** Sections that are asked for together. */
const atOnce = 64

/** What sections hold, one after the other; `firstChunk`: where to begin in the first one, then without its heading. */
export async function* readSections(
  reader: Pick<LogReader, 'chunks'>,
  sections: readonly Section[],
  firstChunk?: number,
): AsyncGenerator<SectionPiece> {
  let index = 0
  let next = firstChunk ?? 0
  let headed = firstChunk !== undefined
  while (index < sections.length) {
    const stretches = sections.slice(index, index + atOnce).map(({ part, chunks }, at) => ({
      fileId: part.fileId,
      from: at === 0 ? next : 0,
      to: chunks,
    }))
    const rows = await reader.chunks(stretches, 'listed')
    if (rows.length === 0) throw removed()
    for (const { fileId, seq, text } of rows) {
      if (sections[index]!.part.fileId !== fileId) {
        if (next < sections[index]!.chunks) throw removed()
        index += 1
        headed = false
      }
      const section = sections[index]!
      if (section.part.fileId !== fileId) throw removed()
      if (!headed && section.heading !== '') yield { section, text: section.heading }
      headed = true
      yield { section, text }
      next = seq + 1
    }
    if (next >= sections[index]!.chunks) {
      index += 1
      next = 0
      headed = false
    }
  }
}

// The answer ends early then, which its reader sees.
const removed = (): Error => new Error('A log was removed while it was read')
