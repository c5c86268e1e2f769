import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { settingNames, unknownSettings } from './names.ts'

const page = readFileSync(new URL('../../../docs/settings.md', import.meta.url), 'utf8')

test('the settings that are known are those of docs/settings.md', () => {
  // A list of ends, "and `…_PORT`, `…_TLS`", stands behind the name whose end they replace.
  const written = page.split('\n').flatMap((line) => {
    const names = [...line.matchAll(/`(SUIRO_[A-Z_]*[A-Z])(?:=[^`]*)?`/g)].map(([, name]) => name!)
    const ends = [...line.matchAll(/`…(_[A-Z_]+)`/g)].map(([, end]) => end!)
    const begin = names[0]?.replace(/_[A-Z]+$/, '') ?? ''
    return [...names, ...ends.map((end) => `${begin}${end}`)]
  })
  const known = new Set(settingNames)
  expect([...new Set(written)].filter((name) => !known.has(name))).toEqual([])
  const documented = new Set(written)
  expect(settingNames.filter((name) => !documented.has(name))).toEqual([])
})

test.each([
  ['SUIRO_API_PORT', 'SUIRO_PORT'],
  ['SUIRO_POTR', 'SUIRO_PORT'],
  ['SUIRO_TASK_QUEUE', 'SUIRO_TASK_QUEUES'],
  ['SUIRO_DRAIN', 'SUIRO_DRAIN_SECONDS'],
])('%s may mean %s', (name, meant) => {
  expect(unknownSettings([name])).toEqual([{ name, meant }])
})

test('what is like nothing is unknown, and what is set for tests or is no name of ours is left alone', () => {
  const names = ['SUIRO_SOMETHING_ELSE', 'SUIRO_CHAOS_RUNS', 'PATH', 'SUIRO_HOME']
  expect(unknownSettings(names)).toEqual([{ name: 'SUIRO_SOMETHING_ELSE' }])
})
