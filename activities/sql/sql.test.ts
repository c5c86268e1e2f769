import { describe, expect, test } from 'vitest'
import { lineInFile } from './line-in-file.ts'
import { listing } from './listing.ts'
import { namedPlace, placeOfIndex, probablePlace } from './place.ts'
import { showSql } from './show-sql.ts'

const plain = (text: string): string => text

describe('the place of a mistake', () => {
  test('is the last one that BigQuery names, a tab reaching to the next multiple of eight', () => {
    const sql = 'SELECT\n\ta,\n\tb c d\nFROM t'
    expect(namedPlace(sql, 'Syntax error: no "at [1:2]" at [3:11]')).toEqual({ line: 3, at: 3 })
    expect(namedPlace('SELECT "\u{1F600}", b', 'no at [1:13]')).toEqual({ line: 1, at: 13 })
  })

  test('is none where no line is named, or one that the text does not have', () => {
    expect(namedPlace('SELECT 1', 'Access Denied')).toBeUndefined()
    expect(namedPlace('SELECT 1', 'Syntax error at [9:1]')).toBeUndefined()
    expect(namedPlace('SELECT 1', 'Query error in [d.p:1:1]')).toBeUndefined()
  })

  test('is the line and index of an index of the text', () => {
    expect(placeOfIndex('ab\r\ncd', 5)).toEqual({ line: 2, at: 1 })
  })

  test.each([
    ['Unrecognized name: amuont', 'SELECT a,\n  amuont\nFROM t', 2],
    ['Not found: Table p:d.sold was not found in location EU', 'SELECT 1\nFROM `p.d.sold`', 2],
    ['Not found: Table p:d.sold was not found in location EU', 'SELECT 1\nFROM `d`.`sold`', 2],
    ['relation "shop.sold" does not exist', 'SELECT 1\nFROM shop.sold', 2],
    ["Invalid date: '2026-13-01'", "SELECT\n  DATE '2026-13-01'", 2],
  ])('is probably the only line with what is named: %s', (message, sql, line) => {
    expect(probablePlace(sql, message)).toMatchObject({ line, probably: true })
  })

  test('is not guessed where a name is in several lines, in none, or within another one', () => {
    const message = 'Unrecognized name: amuont'
    expect(probablePlace('SELECT amuont\nFROM t\nWHERE amuont > 1', message)).toBeUndefined()
    expect(probablePlace('SELECT amuonts\nFROM t', message)).toBeUndefined()
    expect(probablePlace('SELECT 1 / 0', 'division by zero: 1 / 0')).toBeUndefined()
  })
})

describe('a listing', () => {
  test('marks the place, with tabs kept', () => {
    expect(listing('SELECT\n\ta,\n\tb c d\nFROM t\n', { line: 3, at: 3 })).toBe(
      ['  1 | SELECT', '  2 | \ta,', '> 3 | \tb c d', '    | \t  ^', '  4 | FROM t'].join('\n'),
    )
    expect(listing('SELECT 1', { line: 1 })).toBe('> 1 | SELECT 1')
    expect(listing('SELECT 1')).toBe('  1 | SELECT 1')
  })

  test('of a long text is what is around the place, or its beginning', () => {
    const sql = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`).join('\n')
    const around = listing(sql, { line: 50, at: 0 }).split('\n')
    expect(around[0]).toBe('  … 37 lines before')
    expect(around).toContain('> 50 | line 50')
    expect(around.at(-1)).toBe('  … 44 lines after')
    expect(around).toHaveLength(22)
    expect(listing(sql).split('\n').slice(-2)).toEqual(['  30 | line 30', '  … 70 lines after'])
  })

  test('cuts a long line around the place', () => {
    const [marked, mark] = listing(`${'a '.repeat(2_000)}HERE${' b'.repeat(2_000)}`, {
      line: 1,
      at: 4_000,
    }).split('\n')
    expect(marked!.length).toBeLessThan(260)
    expect(marked!.slice(mark!.indexOf('^'))).toMatch(/^HERE b/)
  })
})

describe('the line of a file', () => {
  const file = 'SELECT ${a}\nFROM t\nWHERE n IN (${list})\nAND x'
  test('is the same where nothing came to several lines, and above what did', () => {
    expect(lineInFile(file, 'SELECT 1\nFROM t\nWHERE n IN (2)\nAND x', 4)).toBe(4)
    expect(lineInFile(file, 'SELECT 1\nFROM t\nWHERE n IN (2,\n3)\nAND x', 2)).toBe(2)
  })

  test('is another one below, and not known inside', () => {
    expect(lineInFile(file, 'SELECT 1\nFROM t\nWHERE n IN (2,\n3)\nAND x', 5)).toBe(4)
    expect(lineInFile(file, 'SELECT 1\nFROM t\nWHERE n IN (2,\n3)\nAND x', 3)).toBeUndefined()
    // Either expression may have come to two lines.
    expect(lineInFile('${a}\n${b}', '1\n2\n3', 2)).toBeUndefined()
  })
})

describe('SQL that failed', () => {
  const sql = 'SELECT token-12345,\n  amuont'
  const mask = (text: string): string => text.replaceAll('token-12345', '***')

  test('is named by its file, or as the task’s own', () => {
    const file = { path: 'a.sql', text: sql }
    const place = { line: 2, at: 2 }
    expect(showSql({ sql, file, place }, plain).where).toBe('a.sql, line 2: "amuont"')
    expect(showSql({ sql, place }, plain).where).toBe(`line 2 of the task's own SQL: "amuont"`)
    expect(showSql({ sql, file }, plain).where).toBe('a.sql')
    expect(showSql({ sql }, plain).where).toBe('')
  })

  test('has no secrets, and its mark where it belongs all the same', () => {
    const { where, listing } = showSql(
      { sql: sql.replace('\n', ''), place: { line: 1, at: 21 } },
      mask,
    )
    expect(where).toContain('"SELECT ***,  amuont"')
    expect(listing.split('\n').slice(1)).toEqual([
      '> 1 | SELECT ***,  amuont',
      '    |              ^',
    ])
  })
})
