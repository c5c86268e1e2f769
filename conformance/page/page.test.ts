import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { operatorTable } from '#workflows/dig/index.ts'
import { readCases } from '../harness/read-cases.ts'
import { readConfirmations, serverOf } from '../harness/confirmed.ts'
import { readOverview } from './overview.ts'
import { renderPage } from './page.ts'
import { readParts } from './topics.ts'

const root = new URL('../../', import.meta.url)
const cases = readCases()
const parts = readParts()
const overview = readOverview()
const needs = { cases, parts, overview, confirmations: readConfirmations() }

test('the committed page is what the cases give: npm run conformance:page makes it anew', () => {
  const page = readFileSync(new URL('docs/digdag-compatibility.md', root), 'utf8')
  expect(page).toBe(renderPage(needs))
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
  expect(() => renderPage({ ...needs, cases: one === undefined ? [] : [one], parts: [] })).toThrow(
    /give it a place/,
  )
})

test('the page begins with one screen: commands, operators, directives, what is gone', () => {
  const [screen = ''] = renderPage(needs).split('## Where Suiro differs on purpose')
  expect(screen.split('\n').length).toBeLessThan(50)
  const commands =
    'init check archive upload push download delete projects workflows version start retry backfill attempt attempts session sessions tasks schedules reschedule disable enable secrets log kill'
  for (const command of commands.split(' ')) expect(screen).toContain(`\`${command}\``)
  for (const operator of operatorTable.keys()) expect(screen).toContain(`\`${operator}>\``)
  for (const directive of ['_export', '_parallel', '_retry', '_error', '_check', 'schedule']) {
    expect(screen).toContain(`[${directive}]`)
  }
  for (const gone of [
    'running attempts',
    'two megabytes',
    'Nashorn',
    'SUIRO_UNSUPPORTED_OPERATORS',
  ]) {
    expect(screen).toContain(gone)
  }
})

test('each link of the first screen leads to a heading', () => {
  const page = renderPage(needs)
  const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, link]) => link)
  expect(links.filter((link) => !headings.includes(link ?? ''))).toEqual([])
})

test('a case says which server said so, or that none did', () => {
  const servers = cases.map((one) => serverOf(one, needs.confirmations))
  expect(servers.filter((server) => server === undefined).length).toBeGreaterThan(0)
  for (const server of servers)
    expect(server ?? 'digdag 0.10.5.1, Java 17').toMatch(/^digdag [\d.]+, Java \d+/)
})
