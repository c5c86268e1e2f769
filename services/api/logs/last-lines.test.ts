import { expect, test } from 'vitest'
import { backOverLines, countLineEnds } from './last-lines.ts'

test.each([
  ['a\nb\nc\n', 1, true, 'c\n'],
  ['a\nb\nc\n', 3, true, undefined],
  ['a\nb\nc', 1, true, 'c'],
  ['a\nb\nc\n', 1, false, ''],
  ['a\n\n\n', 2, true, '\n\n'],
  ['\n', 1, true, undefined],
  ['', 1, true, undefined],
  ['x\r\ny\r\n', 1, true, 'y\r\n'],
])('%j, %i back', (text, lines, closed, last) => {
  const found = backOverLines(text, lines, closed)
  expect('index' in found ? text.slice(found.index) : undefined).toBe(last)
})

test('what was not found says how many are missing', () => {
  expect(backOverLines('a\nb\n', 5, true)).toEqual({ left: 4 })
  expect(countLineEnds('a\n\nb\nc')).toBe(3)
})
