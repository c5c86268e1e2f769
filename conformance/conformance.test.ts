import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from '#client/client.ts'
import { startStack, type Stack } from '#harness/stack/stack.ts'
import { parseJson } from '#workflows/domain/json-text.ts'
import { readEnginePlaces } from './harness/engines/places.ts'
import { startNeeds, type Needs } from './harness/needs.ts'
import { formatFindings } from './harness/print.ts'
import { readCases } from './harness/read-cases.ts'
import { inParallel, runCase, type Verdict } from './harness/run-cases.ts'

const cases = readCases()
/** A stack's own database takes the tables of pg>, too. */
const enginesOf = ({ env }: Stack): NodeJS.ProcessEnv => ({
  ...env,
  SUIRO_BUCKET: process.env['TEST_BUCKET'],
})
/** What two cores take without getting slower. */
const atATime = 8

let stack: Stack
let needs: Needs
/** All cases run from the start on, many at a time; each test waits for its own. */
const verdicts = new Map(cases.map(({ name }) => [name, Promise.withResolvers<Verdict>()] as const))

beforeAll(async () => {
  stack = await startStack()
  needs = await startNeeds(
    cases.flatMap(({ expected }) => expected.needs ?? []),
    // `npm run conformance` below is a process, and finds them in the same way.
    readEnginePlaces(enginesOf(stack)),
  )
  // Numbers of a case are compared to the last digit.
  const suiro = createClient(stack.url, { readJson: parseJson })
  void inParallel(cases, atATime, async (one) => {
    const verdict = verdicts.get(one.name)
    await runCase(one, { suiro }, needs).then(verdict?.resolve, verdict?.reject)
  })
})
afterAll(async () => {
  await needs.close()
  await stack.stop()
})

test.each(cases)('$name: $expected.what', async ({ name }) => {
  const verdict = await verdicts.get(name)!.promise
  // The test setup gets all that a case may need, so one that is not run hides a broken operator.
  expect(verdict.is === 'not run' ? verdict.missing : []).toEqual([])
  expect(verdict.is === 'different' ? formatFindings(name, verdict.findings) : '').toBe('')
})

interface Ended {
  readonly code: number
  readonly output: string
}

/** `npm run conformance`, as a process. */
const conformance = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const child = spawn(process.execPath, [main, '--suiro', stack.url, ...args])
    let output = ''
    const keep = (chunk: Buffer): void => void (output += chunk.toString())
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })

describe('npm run conformance', () => {
  test('says how many cases are as expected', async () => {
    const { code, output } = await conformance('--only', 'after-')
    expect(output).toMatch(/^\d as expected, 0 different, 0 not run\n$/)
    expect(code).toBe(0)
  })

  test('holds the other server to what Digdag does, and compares the two', async () => {
    const { code, output } = await conformance('--only', 'eval-es6', '--digdag', stack.url)
    expect(output).toContain('✗ eval-es6: Digdag is not as recorded')
    expect(output).toMatch(/attempt\/status\n *expected 'error'\n *but got {2}'success'/)
    expect(output).toContain('0 as expected, 1 different, 0 not run')
    expect(code).toBe(1)
  })

  test("compares two servers on a team's own project", async () => {
    const folder = fileURLToPath(new URL('cases/builtin-ids', import.meta.url))
    const own = ['--digdag', stack.url, '--project', folder]
    const same = await conformance(...own)
    expect(same).toEqual({ code: 0, output: 'Both servers did the same.\n' })
    // What differs from run to run is found: here the ids that a task prints.
    const differing = await mkdtemp(join(tmpdir(), 'suiro-own-'))
    await writeFile(join(differing, 'daily.dig'), '+a: {echo>: "attempt ${attempt_id}"}\n')
    const { code, output } = await conformance('--digdag', stack.url, '--project', differing)
    await rm(differing, { recursive: true })
    expect(output).toContain('✗ daily: Suiro (but got) differs from Digdag (expected)')
    expect(output).toContain('logs/+daily+a')
    expect(code).toBe(1)
  })

  test('says how to start a Suiro where none answers', async () => {
    const { code, output } = await conformance('--suiro', 'http://127.0.0.1:1')
    expect(output).toMatch(/No Suiro answers at .*\n.*npm start/)
    expect(code).toBe(2)
  })
})
