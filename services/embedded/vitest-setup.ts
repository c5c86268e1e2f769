import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { takeHome } from './home.ts'
import { addressOf } from './hosts.ts'
import { startBigQuery } from './parts/bigquery.ts'
import type { Part, PartContext } from './parts/part.ts'
import { startPostgres } from './parts/postgres.ts'
import { startStorage } from './parts/storage.ts'
import { startTemporal } from './parts/temporal.ts'
import { endOnSignal } from './run-program.ts'
import { readSettings } from './settings.ts'
import { freePortVariables } from './ports/free-port-variables.ts'
import { provideRuby } from './tools/ruby.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const bundle = async (file: string): Promise<void> => {
  await promisify(execFile)(process.execPath, ['services/worker/bundle.ts', file], { cwd: root })
}

/** Starts the real parts for all tests, on free ports, with data that go afterwards. */
export async function setup(): Promise<() => Promise<void>> {
  endOnSignal()
  const folder = await mkdtemp(join(tmpdir(), 'suiro-test-'))
  const settings = readSettings(
    {
      SUIRO_HOME: folder,
      SUIRO_TOOLS: process.env['SUIRO_TOOLS'],
      ...(await freePortVariables()),
    },
    [],
  )
  const print = (line: string): void => console.log(line)
  const home = await takeHome(folder, print)
  const context = (name: string): PartContext => ({
    settings,
    ledger: home.ledger,
    logFile: home.logFile,
    progress: (text) => print(`  ${name}: ${text}`),
  })
  const workflowBundle = join(folder, 'workflow-bundle.js')
  const ruby = await provideRuby(settings.tools, (text) => print(`  Ruby: ${text}`))
  const parts: Part[] = []
  const stop = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop()
    home.release()
    await rm(folder, { recursive: true, force: true })
  }
  const keep = async (starting: Promise<Part>): Promise<void> => void parts.push(await starting)
  print('Starting PostgreSQL, Temporal, the storage engine and the BigQuery engine for the tests …')
  const started = await Promise.allSettled([
    keep(startPostgres(context('PostgreSQL'))),
    keep(startTemporal(context('Temporal'))),
    keep(startStorage(context('Cloud Storage'))),
    bundle(workflowBundle),
    keep(
      startBigQuery(
        context('BigQuery'),
        `http://${addressOf(settings.hosts.storage, settings.ports.storage)}`,
      ),
    ),
  ])
  const failed = started.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  for (const { name, address } of parts) print(`  ${name}: ${address}`)
  const env = Object.assign({}, ...parts.map((part) => part.env)) as Record<string, string>
  Object.assign(process.env, {
    METADATA_SERVER_DETECTION: 'none',
    ...(ruby === undefined ? {} : { PATH: [ruby, process.env['PATH']].join(delimiter) }),
    TEST_DATABASE_URL: env['DATABASE_URL'],
    TEST_TEMPORAL_ADDRESS: env['TEMPORAL_ADDRESS'],
    TEST_TEMPORAL_UI: env['SUIRO_TEMPORAL_UI'],
    TEST_BIGQUERY_ENDPOINT: env['BIGQUERY_API_ENDPOINT'],
    TEST_BIGQUERY_PROJECT: env['GOOGLE_CLOUD_PROJECT'],
    TEST_STORAGE_ENDPOINT: env['STORAGE_API_ENDPOINT'],
    TEST_BUCKET: settings.bucket,
    // Made once, not by every worker.
    SUIRO_WORKFLOW_BUNDLE: workflowBundle,
  })
  return stop
}
