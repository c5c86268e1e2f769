import { expect, test } from 'vitest'
import { createSharedLook } from './shared-look.ts'

/** Looks that end when the test says so; each finds its own number. */
function looks() {
  const pending: { readonly end: () => void; readonly fail: (error: Error) => void }[] = []
  let begun = 0
  const look = createSharedLook(() => {
    begun += 1
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const mine = begun
    pending.push({ end: () => resolve(mine), fail: reject })
    return promise
  })
  return { look, pending, begun: () => begun }
}

test('who asks while a look is under way is answered by the next one, all of them together', async () => {
  const { look, pending, begun } = looks()
  const first = look()
  const others = [look(), look(), look()]
  expect(begun()).toBe(1)
  pending[0]?.end()
  expect(await first).toBe(1)
  const later = look()
  pending[1]?.end()
  expect(await Promise.all(others)).toEqual([2, 2, 2])
  pending[2]?.end()
  expect(await later).toBe(3)
  expect(begun()).toBe(3)
})

test('a look that fails fails only for those who asked for it', async () => {
  const { look, pending } = looks()
  const first = look()
  const second = look()
  pending[0]?.fail(new Error('no'))
  await expect(first).rejects.toThrow('no')
  pending[1]?.end()
  expect(await second).toBe(2)
  const third = look()
  pending[2]?.end()
  expect(await third).toBe(3)
})
