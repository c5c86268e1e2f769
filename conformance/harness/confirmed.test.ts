import { expect, test } from 'vitest'
import { confirmedBy, digestOf, readConfirmations, serverOf } from './confirmed.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { readCases } from './read-cases.ts'
import { saidByDigdag } from './run-cases.ts'

const one: ConformanceCase = {
  name: 'one',
  files: new Map([['case.dig', '+a: {echo>: x}']]),
  expected: {
    what: 'a fact',
    origin: 'specification',
    rule: { section: '1', topic: 'echo>' },
    push: { status: 200 },
  },
}
const server = 'digdag 0.10.5.1, Java 17'
const confirmed = confirmedBy(server, new Map(), [{ one, asRecorded: true }])

test('a case that a server confirmed says which, until it says something else', () => {
  expect(serverOf(one, new Map())).toBeUndefined()
  expect(serverOf(one, confirmed)).toBe(server)
  const told = { ...one, expected: { ...one.expected, what: 'the fact in other words' } }
  expect(serverOf(told, confirmed)).toBe(server)
  const changed = { ...one, files: new Map([['case.dig', '+a: {echo>: y}']]) }
  expect(serverOf(changed, confirmed)).toBeUndefined()
  const other = { ...one, expected: { ...one.expected, push: { status: 400 } } }
  expect(serverOf(other, confirmed)).toBeUndefined()
})

test('a recorded case says what it was recorded from', () => {
  const recorded = { ...one, expected: { ...one.expected, origin: 'digdag 0.10.5.1' } as const }
  expect(serverOf(recorded, new Map())).toBe(server)
})

test('a server that does something else takes its word back', () => {
  const newer = 'digdag 0.10.6, Java 21'
  const two = { ...one, name: 'two' }
  expect(confirmedBy(newer, confirmed, [{ one, asRecorded: false }])).toEqual(new Map())
  expect(confirmedBy(newer, confirmed, [{ one: two, asRecorded: true }])).toEqual(
    new Map([...confirmed, ['two', { server: newer, digest: digestOf(two) }]]),
  )
})

test('what is said of Digdag follows from a verdict', () => {
  const difference = { at: 'x', expected: 1, actual: 2 }
  const found = (what: string) =>
    saidByDigdag({ is: 'different', findings: [{ what, differences: [difference] }] })
  expect(saidByDigdag({ is: 'as expected' })).toBe(true)
  expect(found('Suiro is not as expected')).toBe(true)
  expect(found('Digdag is not as recorded')).toBe(false)
  expect(saidByDigdag({ is: 'not run', missing: ['http'] })).toBeUndefined()
  const broken = [{ what: 'could not be run: x', differences: [] }]
  expect(saidByDigdag({ is: 'different', findings: broken })).toBeUndefined()
})

test('what was confirmed is of cases that are there', () => {
  const names = readCases().map(({ name }) => name)
  expect([...readConfirmations().keys()].filter((name) => !names.includes(name))).toEqual([])
})
