import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runExamplesOn } from '#harness/stack/run-examples.ts'
import { useStack } from '#harness/stack/use-stack.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { promises } from './analyst-promises.ts'
import { blocksOf, readPage, stepsOf } from './page.ts'
import { createShell, type Shell } from './shell.ts'
import { differences } from './shown.ts'

// The analyst's page, followed step by step on a fresh instance.

const page = await readPage('docs/analyst.md')
const steps = stepsOf(page)

const stack = await useStack()
const folder = await mkdtemp(join(tmpdir(), 'suiro-page-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
let shell: Shell

beforeAll(async () => {
  await untilNothingIsDue()
  await runExamplesOn(stack, () => undefined)
  shell = await createShell(folder)
}, 600_000)

/** The page counts attempts, and a tick of the examples' schedules, or of its own, would be one of them. */
async function untilNothingIsDue(): Promise<void> {
  const minuteOfDay = (Date.now() / 60_000) % 1440
  // 5:00, 5:30 and 7:00 in Tokyo.
  const ticks = [20 * 60, 20 * 60 + 30, 22 * 60]
  const next = ticks.find((tick) => tick > minuteOfDay && tick < minuteOfDay + 5)
  if (next !== undefined) await sleep((next - minuteOfDay) * 60_000 + 1000)
}

/** An answer with a line that is shown; `…` stands for anything, and ids are others each time. */
function holding(line: string) {
  const parts = line.split(/(…|(?<=task_id=)\d+|(?<=offset=)\d+)/)
  const pattern = parts
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(/[\^$.*+?()[\]{}|]/g, '\\$&') : '.*'))
    .join('')
  return expect.objectContaining({ text: expect.stringMatching(new RegExp(`^${pattern}$`, 'm')) })
}

test('every block has its promises', () => {
  expect(steps).toHaveLength(promises.length)
})

const long = { timeout: 150_000 }

test.each(promises.map(({ name }, index) => [name, index] as const))(
  '%s',
  long,
  async (_name, index) => {
    const { statuses, check } = promises[index]!
    const { command, shown, lines } = steps[index]!
    const said = await shell(command.replaceAll('http://127.0.0.1:65432', stack.url))
    expect(said.map(({ status }) => status)).toEqual(statuses)
    const answers = said.flatMap(({ text }) => (text.startsWith('{') ? [JSON.parse(text)] : []))
    for (const answer of shown)
      expect(answers.map((real) => differences(answer, real))).toContainEqual([])
    for (const line of lines) expect(said).toContainEqual(holding(line))
    await check?.(said, stack)
  },
)

test('every filter of the page finds what it says in Temporal', long, async () => {
  const filters = [...page.matchAll(/^\| `((?:Suiro|WorkflowId)[^`]+)`/gm)].map(([, one]) => one!)
  expect(filters.length).toBeGreaterThan(3)
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  const client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
  for (const query of filters) {
    // Temporal's list is a moment behind; and nothing runs any more.
    const isThere = async () => (await client.workflow.count(query)).count > 0
    await expect.poll(isThere, { timeout: 30_000 }).toBe(!query.includes('"Running"'))
  }
  await connection.close()
})

test('the Japanese page has the same commands and answers', async () => {
  expect(blocksOf(await readPage('docs/analyst.ja.md'))).toEqual(blocksOf(page))
})
