import { expect, test } from 'vitest'
import { operators } from '#workflows/dig/operators/table.ts'
import { placementOf } from '#workflows/engine/placement.ts'
import { builtIn, type BuiltIn, type OperatorsByName } from './built-in.ts'

// What is expected not to compile here is refused by `npm run types`, which the tests begin with.

test('an operator takes its secrets and its _retry from the table', () => {
  expect(builtIn('pg', async () => ({}))).toMatchObject({
    name: 'pg',
    secrets: ['pg.*'],
    retries: true,
  })
  expect(builtIn('echo', async () => ({}))).toMatchObject({ secrets: [], retries: false })
  // @ts-expect-error There is no such operator.
  expect(() => builtIn('bigquery', async () => ({}))).toThrow(TypeError)
})

test('its code reads what the table names as its options, and nothing else', () => {
  const right = builtIn('bq', async ({ config }) => ({
    stored: { table: config.string('destination_table') },
  }))
  expect(right.retries).toBe(true)
  // @ts-expect-error A misspelt option.
  builtIn('bq', async ({ config }) => ({ stored: { table: config.string('destination_tabel') } }))
  // @ts-expect-error An option of another operator.
  builtIn('mail', async ({ config }) => ({ stored: { table: config.string('destination_table') } }))
  // Of a script any key may be a parameter.
  builtIn('sh', async ({ config }) => ({ stored: { table: config.string('anything') } }))
})

test('one that is left out, or is listed under another name, does not compile', () => {
  const known = {} as OperatorsByName
  const { mail: _, ...others } = known
  // @ts-expect-error mail is missing.
  const missing: OperatorsByName = others
  // @ts-expect-error pg is in the place of mail.
  const exchanged: OperatorsByName = { ...known, mail: {} as BuiltIn<'pg'> }
  expect([missing, exchanged]).toHaveLength(2)
})

test('each operator runs where the table says, whatever a plan says; a team’s own where it asks to', () => {
  for (const [name, { runsOn }] of Object.entries(operators)) {
    expect(placementOf(name, { queue: 'bigquery' })).toBe(runsOn)
  }
  expect(placementOf('mail')).toBe('notify')
  expect(placementOf('slack')).toBe('command')
  expect(placementOf('slack', { queue: 'notify' })).toBe('notify')
  expect(placementOf('constructor')).toBe('command')
})
