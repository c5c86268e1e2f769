import { Storage } from '@google-cloud/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, type Stack } from '#harness/stack/stack.ts'
import { inParallel } from '../harness/run-cases.ts'
import { startBrokenServer } from './harness/broken-server.ts'
import { readReports, type NamedReport } from './harness/read-reports.ts'
import { runReport } from './harness/run-report.ts'
import { openFaults } from './open-faults.ts'

const only = process.env['SUIRO_REPORTS']
const reports = readReports().filter(({ name }) => new RegExp(only ?? '').test(name))
const atATime = 4
const patience = 300_000

let stack: Stack
let broken: Awaited<ReturnType<typeof startBrokenServer>>
/** All reports run from the start on, a few at a time; each test waits for its own. */
const outcomes = new Map(reports.map(({ name }) => [name, Promise.withResolvers<void>()] as const))
for (const { promise } of outcomes.values()) promise.catch(() => undefined)

beforeAll(async () => {
  stack = await startStack()
  broken = await startBrokenServer()
  await putObjects(Object.assign({}, ...reports.map(({ objects }) => objects)))
  const server = new URL(stack.databaseUrl)
  const given = {
    pg_host: server.hostname,
    pg_port: Number(server.port),
    pg_user: server.username,
    pg_database: server.pathname.slice(1),
    bad_port: broken.port,
  }
  const password = decodeURIComponent(server.password)
  void inParallel(reports, atATime, async (report: NamedReport) => {
    const outcome = outcomes.get(report.name)
    await runReport(stack, report, given, password).then(outcome?.resolve, outcome?.reject)
  })
})
afterAll(async () => {
  await broken.close()
  await stack.stop()
})

async function putObjects(objects: Readonly<Record<string, string>>): Promise<void> {
  const storage = new Storage({
    projectId: 'test',
    apiEndpoint: process.env['TEST_STORAGE_ENDPOINT']!,
  })
  const bucket = storage.bucket(process.env['TEST_BUCKET']!)
  for (const [name, content] of Object.entries(objects)) await bucket.file(name).save(content)
}

const isOpen = ({ name }: NamedReport): boolean => name in openFaults

test.each(reports.filter((report) => !isOpen(report)))(
  '$name ($source)',
  async ({ name }) => {
    await expect(outcomes.get(name)!.promise).resolves.toBeUndefined()
  },
  patience,
)

// One that fails here is fixed: take it out of open-faults.ts.
test.each(reports.filter(isOpen))(
  '$name ($source) is an open fault',
  async ({ name }) => {
    await expect(outcomes.get(name)!.promise).rejects.toBeInstanceOf(Error)
  },
  patience,
)

test('every open fault is one of a report', () => {
  const names = readReports().map(({ name }) => name)
  expect(names.length).toBeGreaterThanOrEqual(53)
  expect(Object.keys(openFaults).filter((name) => !names.includes(name))).toEqual([])
})
