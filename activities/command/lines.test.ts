import { expect, test } from 'vitest'
import { createLines } from './lines.ts'

function collect(pieces: Iterable<Buffer>): readonly string[] {
  const texts: string[] = []
  const lines = createLines((text) => void texts.push(text))
  for (const piece of pieces) void lines.take(piece)
  void lines.end()
  return texts
}

function* cut(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const wellFormed = (text: string): boolean => text.isWellFormed() && !text.includes('\u{FFFD}')

test.each([1, 2, 3, 5, 7, 4_096, 65_535])(
  'characters of one to four bytes come whole when the pipe hands out %i bytes at a time',
  (length) => {
    const text = `a ä € \u{1F600}\n${'x\u{1F600}'.repeat(40_000)}\nend \u{1F600}`
    const texts = collect(cut(Buffer.from(text), length))
    expect(texts.every(wellFormed)).toBe(true)
    expect(texts.join('') === text).toBe(true)
  },
)

test('a line without end is handed on in pieces, so that little waits', () => {
  const piece = Buffer.from('\u{1F600}'.repeat(16_384))
  const texts = collect(Array.from({ length: 100 }, () => piece))
  expect(texts.join('')).toHaveLength(100 * 2 * 16_384)
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(2 * 64 * 1024)
})

test('a piece ends at the last line end there is', () => {
  expect(collect([Buffer.from('one\ntw'), Buffer.from('o\nthr'), Buffer.from('ee')])).toEqual([
    'one\n',
    'two\n',
    'three',
  ])
})
