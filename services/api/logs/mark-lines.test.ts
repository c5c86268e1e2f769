import { expect, test } from 'vitest'
import { chosenSeed, createRandom } from '#harness/random.ts'
import { createLineMarker } from './mark-lines.ts'

test('each line has its mark, also one that comes in pieces between those of another', () => {
  const marker = createLineMarker()
  expect(marker.add(1, '+a', 'one\ntw')).toBe('+a | one\n')
  expect(marker.add(2, '+b', 'zwei\n')).toBe('+b | zwei\n')
  expect(marker.add(1, '+a', 'o\r\n\nthr')).toBe('+a | two\r\n+a | \n')
  expect(marker.rest()).toBe('+a | thr\n')
  expect(marker.rest()).toBe('')
})

test('a line without end is cut into several, never inside a character', () => {
  const marker = createLineMarker()
  const line = `x${'\u{1F600}'.repeat(100_000)}`
  const marked = `${marker.add(1, '+a', line)}${marker.add(1, '+a', 'end\n')}${marker.rest()}`
  expect(marked.isWellFormed()).toBe(true)
  expect(marked.replaceAll('\n+a | ', '')).toBe(`+a | ${line}end\n`)
  expect(marked.split('\n').length).toBeGreaterThan(3)
})

test('what many texts hold back stays bounded, and nothing is lost', () => {
  const random = createRandom(chosenSeed())
  const marker = createLineMarker()
  const texts = Array.from({ length: 40 }, () => '')
  let marked = ''
  for (let round = 0; round < 400; round += 1) {
    const source = random.whole(0, texts.length - 1)
    const piece = 'abc\n'.slice(random.whole(0, 3)).padEnd(random.whole(0, 60_000), 'y')
    texts[source] += piece
    marked += marker.add(source, `+${source}`, piece)
  }
  const held = marker.rest()
  expect(held.length).toBeLessThan(1_200_000)
  const lines = (marked + held).split('\n')
  for (const [source, text] of texts.entries()) {
    const mark = `+${source} | `
    const own = lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(mark.length))
    expect([random.seed, source, own.join('') === text.replaceAll('\n', '')]).toEqual([
      random.seed,
      source,
      true,
    ])
  }
})
