import { expect, test } from 'vitest'
import { outputOf } from './output-file.ts'

test('an output that is nested too deep to be stored is refused', () => {
  const nested = (levels: number) =>
    outputOf({ kind: 'file', text: `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}` })
  expect(nested(900).kind).toBe('object')
  expect(nested(100_000)).toEqual({
    kind: 'broken',
    why: 'it is nested deeper than 1000 levels',
  })
})
