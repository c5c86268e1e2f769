import { expect, test } from 'vitest'
import * as errors from './errors.ts'

const { isOurs, ProjectRejected: _, ...kinds } = errors

test.each(Object.entries(kinds))('%s is reported in its own words', (_name, kind) => {
  expect(isOurs(new (kind as unknown as new () => Error)())).toBe(true)
})

test('an error of somebody else is not', () => {
  expect(isOurs(Object.assign(new Error('x'), { code: 'NOT_FOUND', statusCode: 404 }))).toBe(false)
})
