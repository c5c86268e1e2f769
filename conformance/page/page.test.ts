import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readCases } from '../harness/read-cases.ts'
import { renderPage } from './page.ts'
import { readParts } from './topics.ts'

const root = new URL('../../', import.meta.url)
const cases = readCases()
const parts = readParts()

test('the committed page is what the cases give: npm run conformance:page makes it anew', () => {
  const page = readFileSync(new URL('docs/digdag-compatibility.md', root), 'utf8')
  expect(page).toBe(renderPage(cases, parts))
})

test('what a note cites is there', () => {
  const proofs = parts.flatMap(({ topics }) =>
    topics.flatMap(({ notes = [] }) => notes.flatMap(({ proof }) => proof ?? [])),
  )
  const missing = proofs.filter((proof) => !existsSync(fileURLToPath(new URL(proof, root))))
  expect(missing).toEqual([])
})

test('a topic has facts, and a case a topic', () => {
  const empty = parts
    .flatMap(({ topics }) => topics)
    .filter(({ name, notes = [] }) => {
      return notes.length === 0 && !cases.some(({ expected }) => expected.rule.topic === name)
    })
  expect(empty).toEqual([])
  const [one] = cases
  expect(() => renderPage(one === undefined ? [] : [one], [])).toThrow(/give it a place/)
})
