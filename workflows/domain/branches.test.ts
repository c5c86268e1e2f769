import { expect, test } from 'vitest'
import { cutIntoBranches, type Weighed } from './branches.ts'
import type { TaskId } from './ids.ts'

const tasks = (
  count: number,
  upstreams: (place: number) => readonly number[],
  weight = 1,
): readonly Weighed[] =>
  Array.from({ length: count }, (_, place) => ({
    id: place as TaskId,
    upstreams: upstreams(place) as readonly TaskId[],
    weight,
  }))

const inSequence = (place: number): readonly number[] => (place === 0 ? [] : [place - 1])
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

test('tasks in sequence are cut into branches of which each waits for the one before it', () => {
  expect(cutIntoBranches(tasks(450, inSequence))).toEqual([
    { from: 0, count: 200, after: [], chained: true },
    { from: 200, count: 200, after: [0], chained: true },
    { from: 400, count: 50, after: [1], chained: true },
  ])
})

test('heavy tasks fill a branch sooner, and one that is too heavy has its own', () => {
  const parallel = cutIntoBranches(tasks(10, () => [], 150))
  expect(parallel.map(({ count }) => count)).toEqual([2, 2, 2, 2, 2])
  expect(cutIntoBranches(tasks(3, () => [], 5_000)).map(({ count }) => count)).toEqual([1, 1, 1])
})

test('a branch ends where a new chunk of _parallel: {limit} would make the old one wait', () => {
  const chunkOf = (place: number): number => Math.floor(place / 300)
  const branches = cutIntoBranches(
    tasks(700, (place) =>
      chunkOf(place) === 0 ? [] : range((chunkOf(place) - 1) * 300, chunkOf(place) * 300),
    ),
  )
  expect(branches).toEqual([
    { from: 0, count: 200, after: [] },
    { from: 200, count: 100, after: [] },
    { from: 300, count: 200, after: [0, 1] },
    { from: 500, count: 100, after: [0, 1] },
    { from: 600, count: 100, after: [2, 3] },
  ])
})
