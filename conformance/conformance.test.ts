import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '#services/api/e2e/stack.ts'
import { startNeeds, type Needs } from './harness/needs.ts'
import { formatFindings } from './harness/print.ts'
import { readCases } from './harness/read-cases.ts'
import { inParallel, runCase, type Verdict } from './harness/run-cases.ts'

const cases = readCases()
/** What two cores take without getting slower. */
const atATime = 8

let stack: Stack
let needs: Needs
/** All cases run from the start on, many at a time; each test waits for its own. */
const verdicts = new Map(
  cases.map(({ name }) => [name, Promise.withResolvers<Verdict>()] as const),
)

beforeAll(async () => {
  stack = await startStack()
  needs = await startNeeds(cases.flatMap(({ expected }) => expected.needs ?? []))
  void inParallel(cases, atATime, async (one) => {
    const verdict = verdicts.get(one.name)
    await runCase(one, { suiro: stack.api }, needs).then(verdict?.resolve, verdict?.reject)
  })
})
afterAll(async () => {
  await needs.close()
  await stack.stop()
})

test.each(cases)('$name: $expected.what', async ({ name }) => {
  const verdict = await verdicts.get(name)!.promise
  if (verdict.is === 'not run') console.log(`${name} is not run: needs ${verdict.missing.join()}`)
  expect(verdict.is === 'different' ? formatFindings(name, verdict.findings) : '').toBe('')
})
