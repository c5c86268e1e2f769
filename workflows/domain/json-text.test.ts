import { chosenSeed, createRandom } from '#harness/random.ts'
import { expect, test } from 'vitest'
import { meaning, numberText } from '#harness/numbers.ts'
import { isExactNumber } from './exact-number.ts'
import { parseJson } from './json-text.ts'
import { isObject, merge, withPlainNumbers, type Json, type JsonObject } from './json.ts'

test('what is read is written again as it was', () => {
  const text =
    '{"a":25000.0,"b":[9007199254740993,{"__proto__":1.0,"c":"1.0"}],"d":5,"e":1.5,"f":null,"g":"-0"}'
  const value = parseJson(text)
  expect(JSON.stringify(value)).toBe(text)
  expect(isObject(value) && isObject(value['a'])).toBe(false)
  expect(JSON.stringify(parseJson(' [ 1.0 , -0 ,1e3\n,\t-2.00]'))).toBe('[1.0,0,1000.0,-2.0]')
  expect(JSON.stringify(parseJson('1.0'))).toBe('1.0')
})

test('numbers of any shape keep kind and value, wherever they are', () => {
  const random = createRandom(chosenSeed())
  console.log(`numbers with seed ${random.seed}`)
  for (let round = 0; round < 3_000; round += 1) {
    const text = numberText(random)
    for (const [before, behind] of [
      ['', ''],
      ['[', ']'],
      ['{"k": ', ', "s":"x"}'],
      ['["1.0",[ ', ' ]]'],
    ] as const) {
      const written = JSON.stringify(parseJson(before + text + behind))
      const [start, end] = [before, behind].map((part) => part.replaceAll(' ', '').length)
      const kept = written.slice(start, written.length - (end ?? 0))
      expect(meaning(kept), `${before}${text} with seed ${random.seed}`).toBe(meaning(text))
    }
    // One text for each value.
    const kept = JSON.stringify(parseJson(text))
    expect(JSON.stringify(parseJson(kept)), `${text} with seed ${random.seed}`).toBe(kept)
  }
})

test('mistakes are those of JSON.parse', () => {
  for (const text of ['', '{', '[1.0', '[1.0,]', '{"a": 1.}', '01.0']) {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  }
})

test('deeper than calls can nest it is still read', () => {
  const deep = `${'['.repeat(100_000)}1.0${']'.repeat(100_000)}`
  expect(Array.isArray(parseJson(deep))).toBe(true)
})

test('a large text without such numbers is read as JSON.parse reads it', () => {
  const text = JSON.stringify(
    Array.from({ length: 20_000 }, (_, id) => ({ id, at: '2026-03-05T00:00:00+09:00', rate: 0.1 })),
  )
  expect(parseJson(text)).toEqual(JSON.parse(text))
})

test('a number is no object to merge, and neither is one in its place', () => {
  const base = parseJson('{"a":1.0,"b":{"c":1}}') as JsonObject
  const over = parseJson('{"a":{"x":2.0},"b":9007199254740993}') as JsonObject
  expect(JSON.stringify(merge(base, over))).toBe('{"a":{"x":2.0},"b":9007199254740993}')
  expect(JSON.stringify(merge(over, base))).toBe('{"a":1.0,"b":{"c":1}}')
})

test('for programs with numbers of JavaScript floats are numbers, and digits are not lost', () => {
  const value = parseJson(
    '{"f":25000.0,"l":[9007199254740993,1.0,{"n":5}],"__proto__":2.0}',
  ) as Json
  const plain = withPlainNumbers(value)
  expect(JSON.stringify(plain)).toBe('{"f":25000,"l":["9007199254740993",1,{"n":5}],"__proto__":2}')
  const same = parseJson('{"a":[1,{"b":1.5}]}') as Json
  expect(withPlainNumbers(same)).toBe(same)
  expect(isExactNumber(value)).toBe(false)
})
