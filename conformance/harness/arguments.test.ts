import { expect, test } from 'vitest'
import { readArguments } from './arguments.ts'

test('without arguments all cases run on the Suiro of this machine', () => {
  expect(readArguments([])).toEqual({ suiro: 'http://127.0.0.1:65432', only: '', atATime: 8 })
})

test("a team's own project has workflow, session and parameters", () => {
  const args =
    '--digdag http://digdag:65432 --project shop --workflow daily --param a=1=2 --param b='
  expect(readArguments(args.split(' '))).toMatchObject({
    digdag: 'http://digdag:65432',
    project: { folder: 'shop', workflow: 'daily', params: { a: '1=2', b: '' } },
  })
})

test.each([
  [['--nope'], /--nope/],
  [['--digdag', 'digdag:65432'], /--digdag must be an address .* but is "digdag:65432"/],
  [['--at-a-time', '0'], /--at-a-time must be a whole number/],
  [['--project', 'x', '--param', 'a'], /--param must be KEY=VALUE, but is "a"/],
])('%j is refused with what is wrong', (args, message) => {
  expect(readArguments(args)).toMatch(message)
})
