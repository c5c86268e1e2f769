import { expect, test } from 'vitest'
import { readRange } from './byte-range.ts'

test.each([
  ['bytes=0-0', { from: 0, to: 1 }],
  ['bytes=2-4', { from: 2, to: 5 }],
  ['bytes=2-400', { from: 2, to: 10 }],
  ['bytes=9-', { from: 9, to: 10 }],
  ['Bytes= 9- ', { from: 9, to: 10 }],
  ['bytes=-3', { from: 7, to: 10 }],
  ['bytes=-30', { from: 0, to: 10 }],
  ['bytes=10-', 'nothing'],
  ['bytes=-0', 'nothing'],
  ['bytes=4-2', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,3-4', undefined],
  ['lines=0-1', undefined],
  [undefined, undefined],
] as const)('%s of ten bytes', (header, span) => {
  expect(readRange(header, 10)).toEqual(span)
})

test('of an empty text every range is unsatisfiable', () => {
  for (const header of ['bytes=0-', 'bytes=-1', 'bytes=0-0']) {
    expect([header, readRange(header, 0)]).toEqual([header, 'nothing'])
  }
})
