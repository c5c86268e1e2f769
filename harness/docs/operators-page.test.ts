import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { operatorsPage } from './operators-page.ts'

test('the committed page of operators is what the table gives: npm run operators:page makes it anew', () => {
  const page = readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8')
  expect(page).toBe(operatorsPage())
})
