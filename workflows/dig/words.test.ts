import { expect, test } from 'vitest'
import { editDistance, nearest } from './did-you-mean.ts'
import { readDuration } from './duration.ts'

test('a misspelt word is led to the nearest known one, a strange one to none', () => {
  const known = ['for_each', 'for_range', 'echo']
  expect(nearest('for_eahc', known)).toBe('for_each')
  expect(nearest('kubernetes', known)).toBeUndefined()
  expect(nearest('', known)).toBeUndefined()
  expect(nearest('eco', known, 0)).toBeUndefined()
  expect(editDistance('ab', 'ba')).toBe(1)
  expect(editDistance('', 'abc')).toBe(3)
})

test.each([
  ['1d 2h 3m 4s', 93_784],
  ['30m', 1_800],
  ['1 H', 3_600],
  [' 5s ', 5],
  ['5', undefined],
  ['', undefined],
  ['-1s', undefined],
  ['1s 1m', undefined],
  [5, undefined],
])('the duration %j is %j seconds', (text, seconds) => {
  expect(readDuration(text)).toBe(seconds)
})
