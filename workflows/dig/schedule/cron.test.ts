import { expect, test } from 'vitest'
import { everMatches, lastDay, parseCron } from './cron.ts'

const fieldsOf = (text: string) => {
  const parsed = parseCron(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed[0]!
}

test.each([
  ['*/15 * * * *', 'minutes', [0, 15, 30, 45]],
  ['*/25 * * * *', 'minutes', [0, 25, 50]],
  ['*/90 * * * *', 'minutes', [0]],
  ['5/10 * * * *', 'minutes', [5]],
  ['10-30/10,5 * * * *', 'minutes', [5, 10, 20, 30]],
  ['0,0,59 * * * *', 'minutes', [0, 59]],
  ['0 22-2 * * *', 'hours', [0, 1, 2, 22, 23]],
  ['0 22-3/2 * * *', 'hours', [0, 2, 22]],
  ['0 07 * * *', 'hours', [7]],
  ['0 0 L * *', 'days', [lastDay]],
  ['0 0 1,l * *', 'days', [1, lastDay]],
  ['0 0 28-L * *', 'days', [28, 29, 30, 31, lastDay]],
  ['0 0 */10 * *', 'days', [1, 11, 21, 31]],
  ['0 0 1 jan,MAR-May *', 'months', [1, 3, 4, 5]],
  ['0 0 1 nov-feb *', 'months', [1, 2, 11, 12]],
  ['0 0 * * 7', 'weekdays', [0]],
  ['0 0 * * sun,Wed', 'weekdays', [0, 3]],
  ['0 0 * * mon-fri', 'weekdays', [1, 2, 3, 4, 5]],
  ['0 0 * * 5-7', 'weekdays', [0, 5, 6]],
  ['0 0 * * sat-sun', 'weekdays', [0, 6]],
  ['0 0 * * 1-7', 'weekdays', [0, 1, 2, 3, 4, 5, 6]],
  ['0 0 * * 0-7', 'weekdays', [0]],
  ['0 0 * * */2', 'weekdays', [0, 2, 4, 6]],
] as const)('%s: %s are %j', (text, field, values) => {
  expect(fieldsOf(text)[field]).toEqual(values)
})

test('patterns are joined by "|", blanks and tabs are the same', () => {
  const parsed = parseCron('0 4 * * * |\t30  5 1 * *')
  expect(parsed).toHaveLength(2)
})

test.each([
  '',
  '|',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 13 *',
  '* * * 0 *',
  '* * * * 8',
  'L * * * *',
  '* * * L *',
  '* * * * L',
  '*/0 * * * *',
  '*/x * * * *',
  '1-2-3 * * * *',
  '1/2/3 * * * *',
  'x * * * *',
  '-1- * * * * *',
  '* * ? * *',
  '* * 15W * *',
  '* * * * 5#2',
  '* * * january *',
  ', * * * *',
  '99999999999999999999 * * * *',
])('%j is no pattern', (text) => {
  expect(parseCron(text)).toEqual(expect.any(String))
})

test.each([
  ['0 0 31 2 *', false],
  ['0 0 30 2 *', false],
  ['0 0 29 2 *', true],
  ['0 0 31 4,6,9,11 *', false],
  ['0 0 31 4-5 *', true],
  ['0 0 L 2 *', true],
])('%s ever comes: %s', (text, comes) => {
  expect(everMatches(fieldsOf(text))).toBe(comes)
})
