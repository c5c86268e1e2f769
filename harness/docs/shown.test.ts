import { expect, test } from 'vitest'
import { differences } from './shown.ts'

test.each([
  [{ a: 1 }, { a: 1, b: 2 }, []],
  [{ a: 1 }, { a: 2 }, ['$.a is 2']],
  [{ a: { b: null } }, { a: {} }, ['$.a.b is undefined']],
  [[1], [1, 2], []],
  [[1, 2], [1], ['$[1] is undefined']],
  [{ a: 'it is …' }, { a: 'it is so' }, []],
  [{ a: 'it is …' }, { a: 'it was' }, ['$.a is "it was"']],
  [{ at: '2026-11-28T22:00:00Z' }, { at: '2027-01-02T22:00:00Z' }, []],
  [{ at: '2026-11-28T22:00:00Z' }, { at: null }, ['$.at is null']],
  [
    { at: '2001-01-05T00:00:00Z' },
    { at: '2001-01-06T00:00:00Z' },
    ['$.at is "2001-01-06T00:00:00Z"'],
  ],
  ['curl/8.5.0', 'curl/7.88.1', []],
  ['curl/8.5.0', 'digdag/0.10', ['$ is "digdag/0.10"']],
])('%j is shown of %j', (shown, real, wrong) => {
  expect(differences(shown, real)).toEqual(wrong)
})
