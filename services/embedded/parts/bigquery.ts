import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addressOf } from '../hosts.ts'
import { requirePortsOf } from '../ports/free-ports.ts'
import { startProgram } from '../processes/program.ts'
import { createEnvironment } from '../tools/python.ts'
import { elsewhere, type Part, type PartContext } from './part.ts'

/** The engine, with an end for the jobs that it was killed under. */
const serve = fileURLToPath(new URL('serve_bigquery.py', import.meta.url))

const extensions = ['icu', 'ducklake', 'httpfs', 'spatial']

const environment = {
  python: '3.13',
  packages: [
    'local-bigquery==0.3.2',
    'duckdb==1.5.5',
    'duckdb-extensions==1.5.5',
    ...extensions.map((name) => `duckdb-extension-${name}==1.5.5`),
  ],
  // The engine loads them from its HOME; without one of them its first request fails.
  after: [
    'import duckdb_extensions',
    `for name in ${JSON.stringify(extensions)}: duckdb_extensions.import_extension(name)`,
  ],
}

/** An engine for BigQuery's API, data in a folder, reading and writing the storage engine's objects. */
export async function startBigQuery(context: PartContext, storageUrl?: string): Promise<Part> {
  const { settings, ledger, stopping, logFile, progress } = context
  const { hosts, ports, home, tools, external, googleProject: project } = settings
  const host = hosts.bigquery
  const location = { GOOGLE_CLOUD_PROJECT: project }
  if (external.bigqueryEndpoint !== undefined) {
    const env = { ...location, BIGQUERY_API_ENDPOINT: external.bigqueryEndpoint }
    return elsewhere('BigQuery', external.bigqueryEndpoint, env)
  }
  if (external.realGoogle) return elsewhere('BigQuery', `Google Cloud project ${project}`, location)

  await requirePortsOf(settings, 'bigquery', 'bigqueryGrpc')
  const folder = await createEnvironment(
    tools,
    'bigquery',
    environment,
    () => progress('installing the engine (about 800 MB, half a minute or more)'),
    stopping?.asked,
  )
  const data = join(home, 'bigquery')
  await mkdir(data, { recursive: true })
  const url = `http://${addressOf(host, ports.bigquery)}`
  progress('starting')
  const program = await startProgram({
    name: 'BigQuery engine',
    command: join(folder, 'bin/python'),
    args: [
      serve,
      ...[
        '--host',
        host,
        '--port',
        String(ports.bigquery),
        '--grpc-port',
        String(ports.bigqueryGrpc),
      ],
      // It remembers the path as it is given, so a relative one survives a move of the whole folder.
      ...['--project', project, '--data-dir', basename(data), 'serve'],
    ],
    cwd: dirname(data),
    env: {
      ...process.env,
      HOME: folder,
      ...(storageUrl === undefined ? {} : { STORAGE_EMULATOR_HOST: storageUrl }),
    },
    logFile: logFile('bigquery'),
    ledger,
    stopping,
    ready: () => runsQueries(url, project),
    readyTimeoutSeconds: 90,
    advice: `Its data are in ${data}. If they are damaged, restore them from a backup, or begin anew by removing the folder: rm -r ${data}`,
  })
  return {
    name: 'BigQuery',
    address: `${url} (project ${project})`,
    env: { ...location, BIGQUERY_API_ENDPOINT: url },
    ended: program.ended,
    stop: () => program.stop(),
  }
}

/** It listens before it can run a query, and hides why when it cannot: only a real query shows it. */
async function runsQueries(url: string, project: string): Promise<boolean> {
  const response = await fetch(`${url}/bigquery/v2/projects/${project}/queries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'SELECT 1 AS one', useLegacySql: false }),
  })
  const { rows } = (await response.json()) as { rows?: readonly unknown[] }
  return rows?.length === 1
}
