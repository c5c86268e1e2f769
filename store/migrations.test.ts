import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const folder = new URL('./migrations/', import.meta.url)
const migrations = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .map((name) => ({ name, sql: readFileSync(new URL(name, folder), 'utf8') }))

/** What takes something away from the code of the release before, or refuses what it writes. */
const contracting: readonly RegExp[] = [
  /\bdrop\s+(table|view|column|index|schema|function|constraint|type|default)\b/i,
  /\bset\s+not\s+null\b/i,
  /\balter\s+(column\s+)?\w+\s+type\b/i,
  /\brename\s+column\b/i,
  /\badd\s+column\s+\w+\s+[^,;]*\bnot\s+null\b(?![^,;]*\bdefault\b)[^,;]*/i,
  /\badd\s+(constraint\s+\w+\s+)?(check|unique|foreign\s+key)\b/i,
]

const statementsOf = (sql: string): readonly string[] => sql.replaceAll(/--[^\n]*/g, '').split(';')

/** Statements of a migration that do not only expand; none in one that says that it contracts. */
function mistakesIn({ name, sql }: { readonly name: string; readonly sql: string }) {
  if (/^\d+\.do\.contract-/.test(name)) return []
  return statementsOf(sql)
    .filter((statement) => contracting.some((pattern) => pattern.test(statement)))
    .map((statement) => statement.trim())
}

test('a migration only expands, so that the release before goes on working (docs/decisions/versions.md)', () => {
  expect(migrations.length).toBeGreaterThan(10)
  expect(migrations.flatMap(mistakesIn)).toEqual([])
})

test('a table that is renamed leaves a view, or another table, under its old name', () => {
  for (const { sql } of migrations) {
    for (const [, before] of sql.matchAll(/\balter\s+table\s+(\w+)\s+rename\s+to\b/gi)) {
      expect(sql).toMatch(new RegExp(`create (view ${before} as|table ${before} \\()`))
    }
  }
})

test.each([
  'alter table tasks drop column state',
  'drop view reporting.tasks',
  'alter table tasks add column kind text not null',
  'alter table tasks alter column state set not null',
  'alter table tasks alter column retries type bigint',
  'alter table tasks rename column state to status',
  'alter table tasks add constraint one unique (attempt_id, full_name)',
])('%s is a mistake, unless the migration contracts', (sql) => {
  expect(mistakesIn({ name: '099.do.some.sql', sql })).toHaveLength(1)
  expect(mistakesIn({ name: '099.do.contract-some.sql', sql })).toEqual([])
})

test('numbers are in order and used once', () => {
  const numbers = migrations.map(({ name }) => Number(name.split('.')[0]))
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other))
})
