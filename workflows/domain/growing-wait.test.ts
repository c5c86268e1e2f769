import { expect, test } from 'vitest'
import { growingWait, type Growth } from './growing-wait.ts'

const waits = (growth: Growth, ...places: readonly number[]): readonly number[] =>
  places.map((before) => growingWait(growth, before))

test('waits double up to a bound, however many there were', () => {
  expect(waits({ first: 1, most: 30 }, 0, 1, 2, 4, 5, 1e9)).toEqual([1, 2, 4, 16, 30, 30])
})

test('they may grow more slowly, and only after a while', () => {
  expect(waits({ first: 10, most: 40, factor: 1.5, after: 2 }, 0, 2, 3, 4, 9)).toEqual([
    10, 10, 15, 22.5, 40,
  ])
})

test('no wait stays none', () => {
  expect(waits({ first: 0, most: 30 }, 0, 5000)).toEqual([0, 0])
})
