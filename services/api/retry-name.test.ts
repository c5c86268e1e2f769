import { expect, test } from 'vitest'
import { checkRetryName } from './retry-name.ts'

test.each(['', ' ', '\t\n'])('%j names no attempt', (name) => {
  expect(() => checkRetryName(name)).toThrow('retryAttemptName must not be blank')
})

test('any other text does', () => {
  for (const name of ['again', ' x ', '再実行']) expect(() => checkRetryName(name)).not.toThrow()
})
