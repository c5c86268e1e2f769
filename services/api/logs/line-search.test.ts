import { expect, test } from 'vitest'
import { chosenSeed, createRandom } from '#harness/random.ts'
import { createLineSearch } from './line-search.ts'

const find = (pieces: readonly string[], wanted: string, ignoreCase = false, first = 0) => {
  const search = createLineSearch(wanted, ignoreCase, first)
  return [...pieces.flatMap((piece) => search.add(piece)), ...search.rest()]
}

test('a line is answered once, with the byte at which it begins', () => {
  expect(find(['ä one one\nzwei\none'], 'one')).toEqual([
    { byte: 0, text: 'ä one one' },
    { byte: 16, text: 'one' },
  ])
  expect(find(['x one\n'], 'one', false, 100)).toEqual([{ byte: 100, text: 'x one' }])
})

test('what is wanted may lie across pieces, and is no pattern', () => {
  expect(find(['a\nx.', '*y\n'], '.*')).toEqual([{ byte: 2, text: 'x.*y' }])
  expect(find(['a\nx.', '*y\n'], '.*', true)).toEqual([{ byte: 2, text: 'x.*y' }])
  expect(find(['abc'], '.*')).toEqual([])
})

test('case is ignored in other alphabets, too', () => {
  expect(find(['STRASSE Ärger\n'], 'äRGER', true)).toHaveLength(1)
  expect(find(['Ärger\n'], 'ärger')).toEqual([])
  expect(find(['\u{1F600} ЖУК\n'], 'жук', true)).toEqual([{ byte: 0, text: '\u{1F600} ЖУК' }])
})

test('the lines of random texts in random pieces are those that hold what is wanted', () => {
  const random = createRandom(chosenSeed())
  const letters = ['a', 'b', 'A', 'ä', '\u{1F600}', '\n', '\r\n', '界']
  const word = (most: number) =>
    Array.from({ length: random.whole(1, most) }, () => random.pick(letters)).join('')
  for (let round = 0; round < 500; round += 1) {
    const text = word(200)
    const wanted = word(3).replaceAll(/[\r\n]/g, 'a')
    const ignoreCase = random.chance(0.5)
    const characters = Array.from(text)
    const pieces: string[] = []
    while (characters.length > 0) pieces.push(characters.splice(0, random.whole(1, 30)).join(''))
    const fold = (one: string) => (ignoreCase ? one.toLowerCase() : one)
    let byte = 0
    const expected = text.split('\n').flatMap((line) => {
      const hit = { byte, text: line }
      byte += Buffer.byteLength(line) + 1
      return fold(line).includes(fold(wanted)) ? [hit] : []
    })
    expect([random.seed, find(pieces, wanted, ignoreCase)]).toEqual([random.seed, expected])
  }
})

test('in a line without end every place is found, with what is around it', () => {
  const random = createRandom(chosenSeed())
  const needle = 'needle'
  // Across pieces, and across what is kept of the line.
  const line = `${'\u{1F600}x'.repeat(50_000)}${needle}${'ä'.repeat(100_000)}${needle}`
  const pieces: string[] = []
  for (let at = 0; at < line.length;) {
    const end = Math.min(line.length, at + random.whole(1, 20_000))
    const whole = end + ((line.charCodeAt(end) & 0xfc00) === 0xdc00 ? 1 : 0)
    pieces.push(line.slice(at, whole))
    at = whole
  }
  const hits = find(pieces, needle)
  const bytes = Buffer.from(line)
  expect([random.seed, hits.length]).toEqual([random.seed, 2])
  for (const { byte, text } of hits) {
    const shown = text.replace('…', '')
    expect(shown).toContain(needle)
    expect(bytes.toString('utf8', byte, byte + Buffer.byteLength(shown))).toBe(shown)
  }
})

test('what is wanted may lie across the place where a line without end is cut', () => {
  const before = 'ä'.repeat(70_000)
  for (const needle of ['needle', '\u{1F600}\u{1F600}', 'x\u{1F600}y']) {
    const characters = Array.from(needle)
    for (let cut = 1; cut < characters.length; cut += 1) {
      const pieces = [before + characters.slice(0, cut).join(''), characters.slice(cut).join('')]
      const [hit, more] = find(pieces, needle)
      expect([needle, cut, hit?.text.endsWith(needle), more]).toEqual([
        needle,
        cut,
        true,
        undefined,
      ])
      const shown = Buffer.from(before + needle).toString('utf8', hit?.byte)
      expect(hit?.text).toBe(shown)
    }
  }
})
