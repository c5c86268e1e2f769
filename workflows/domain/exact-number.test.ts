import { expect, test } from 'vitest'
import { floatOf, isExactNumber, numberOf } from './exact-number.ts'
import { textOf } from './json.ts'

test.each(['0', '1', '-7', '1.5', '0.1', '-2.25', '1e+21', '1e-7', '9007199254740992'])(
  '%s is a number of JavaScript',
  (text) => {
    expect(numberOf(text)).toBe(Number(text))
    expect(textOf(numberOf(text))).toBe(text)
  },
)

test.each([
  ['1.0', '1.0'],
  ['25000.000', '25000.0'],
  ['0.0', '0.0'],
  ['-0.0', '-0.0'],
  ['-0e7', '-0.0'],
  ['1e3', '1000.0'],
  ['1.5E3', '1500.0'],
  ['1E+15', '1000000000000000.0'],
  ['1e16', '1e+16'],
  ['1.0E20', '1e+20'],
  ['100000000000000000000.0', '1e+20'],
  ['9007199254740993', '9007199254740993'],
  ['-12345678901234567890', '-12345678901234567890'],
  ['1000000000000000000000', '1000000000000000000000'],
  // More than a double holds.
  ['0.1000000000000000055', '0.1000000000000000055'],
  ['9007199254740993.0', '9007199254740993.0'],
  ['1e400', '1e400'],
  ['1e-400', '1e-400'],
])('%s is kept exactly, as %s', (text, kept) => {
  const value = numberOf(text)
  expect(isExactNumber(value)).toBe(true)
  expect(JSON.stringify({ value })).toBe(`{"value":${kept}}`)
})

test.each([
  ['-0', 0],
  ['1.10', 1.1],
  ['0.50', 0.5],
  ['0.0000001', 1e-7],
  ['15e-1', 1.5],
  ['1e21', 1e21],
])('another way to write it makes no difference: %s is %d', (text, value) => {
  expect(numberOf(text)).toBe(value)
})

test('a float of a program is a float, also where it is whole', () => {
  expect([5, -0, 2.5, 1e20, 1e300].map((value) => textOf(floatOf(value)))).toEqual([
    '5.0',
    '-0.0',
    '2.5',
    '1e+20',
    '1e+300',
  ])
})
