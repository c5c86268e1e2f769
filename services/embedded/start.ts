import { join } from 'node:path'
import { Listr } from 'listr2'
import { takeHome, type Home } from './home.ts'
import { addressOf, openParts } from './hosts.ts'
import { startBigQuery } from './parts/bigquery.ts'
import type { Part, PartContext } from './parts/part.ts'
import { storedSecret, startPostgres } from './parts/postgres.ts'
import { startService } from './parts/service.ts'
import { startStorage } from './parts/storage.ts'
import { startTemporal } from './parts/temporal.ts'
import { keepRunning } from './processes/keep-running.ts'
import { firstRunIsDue, firstRunIsDone } from './first-run.ts'
import type { Settings } from './settings.ts'
import { waitForSignal } from './signals.ts'

/** `npm start`: brings everything up, runs the example the first time, and stays until Ctrl-C. */
export async function start(settings: Settings, print: (line: string) => void): Promise<void> {
  const began = Date.now()
  const home = await takeHome(settings.home, print)
  const interrupted = waitForSignal()
  const parts: Part[] = []
  try {
    await startParts(settings, home, parts, print, interrupted.signal)
    // Ctrl-C while it started: what has come up is stopped again.
    if (interrupted.signal.aborted) return
    print(`\nSuiro is ready after ${((Date.now() - began) / 1000).toFixed(1)} s.\n`)
    for (const { name, address } of parts) print(`  ${name.padEnd(14)} ${address}`)
    const api = `http://${addressOf(settings.hosts.api, settings.ports.api)}`
    print(`  ${'API docs'.padEnd(14)} ${api}/docs`)
    print(`  ${'Data and logs'.padEnd(14)} ${settings.home}\n`)
    for (const line of openParts(settings.hosts)) print(`  ${line}`)
    const died = Promise.race(parts.map((part) => part.ended.then((how) => ({ part, how }))))
    await Promise.race([
      interrupted.promise,
      runFirst(settings, parts, interrupted.signal, print).then(() => {
        if (!interrupted.signal.aborted) print('Press Ctrl-C to stop.')
        return interrupted.promise
      }),
      died.then(({ part, how }) => {
        throw new Error(
          `${part.name} is not started again (${how}). Its log, in ${settings.home}/logs, says why; fix that, then run npm start again.`,
        )
      }),
    ])
  } finally {
    interrupted.again(() => process.exit(130))
    if (parts.length > 0) print('\nStopping: tasks first, then the servers …')
    // What depends on others goes first, so the reverse of the order in which they came.
    for (const part of parts.toReversed()) {
      await part.stop()
      print(`  ${part.name} stopped`)
    }
    home.release()
  }
}

async function startParts(
  settings: Settings,
  home: Home,
  parts: Part[],
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const env: Record<string, string> = {
    SUIRO_HOME: settings.home,
    SUIRO_HOST: settings.hosts.api,
    SUIRO_WORKER_HOST: settings.hosts.worker,
    SUIRO_PORT: String(settings.ports.api),
    SUIRO_URL:
      process.env['SUIRO_URL'] ?? `http://${addressOf(settings.hosts.api, settings.ports.api)}`,
    SUIRO_WORKER_PORT: String(settings.ports.worker),
    SUIRO_SECRET_KEY:
      process.env['SUIRO_SECRET_KEY'] ??
      (await storedSecret(join(settings.home, 'secret-key'), 32)),
    METADATA_SERVER_DETECTION: 'none',
    ...(settings.examples ? {} : { SUIRO_EXAMPLES: 'false' }),
  }
  const step = (title: string, begin: (context: PartContext) => Promise<Part>) => ({
    title,
    task: async (_: unknown, task: { title: string; output: string }) => {
      const began = Date.now()
      const context = {
        settings,
        ledger: home.ledger,
        logFile: home.logFile,
        progress: (text: string) => {
          task.output = text
        },
      }
      const logs = `${settings.home}/logs`
      const part = await keepRunning({ begin: () => begin(context), say: print, logs })
      parts.push(part)
      Object.assign(env, part.env)
      task.title = `${title}: ${part.address}, ${((Date.now() - began) / 1000).toFixed(1)} s`
    },
  })
  const engines = new Listr(
    [
      step('PostgreSQL', startPostgres),
      step('Temporal', startTemporal),
      step('Cloud Storage engine', startStorage),
      step('BigQuery engine', (context) => {
        const { hosts, ports, external } = settings
        const storage = `http://${addressOf(hosts.storage, ports.storage)}`
        return startBigQuery(context, external.storageEndpoint ?? storage)
      }),
    ],
    { concurrent: true, exitOnError: false, collectErrors: true, ...rendering },
  )
  await runAll(engines)
  if (signal.aborted) return

  const services = new Listr(
    [
      step('API', (context) =>
        startService(context, {
          name: 'API',
          main: 'services/api/main.ts',
          port: 'api',
          env,
          graceSeconds: 10,
        }),
      ),
      step('Worker', (context) =>
        startService(context, {
          name: 'Worker',
          main: 'services/worker/main.ts',
          port: 'worker',
          env,
          graceSeconds: 25,
        }),
      ),
    ],
    { concurrent: true, exitOnError: false, collectErrors: true, ...rendering },
  )
  await runAll(services)
}

/** Lets all of them finish starting, so that all can be stopped when one fails; then throws what failed. */
async function runAll(list: Listr): Promise<void> {
  await list.run()
  const [failure] = list.errors ?? []
  if (failure !== undefined) throw failure.error ?? failure
}

const rendering = {
  // Its own would end this process at once, and leave running what has been started.
  registerSignalListeners: false,
  fallbackRenderer: 'simple',
  rendererOptions: { collapseErrors: false, showErrorMessage: false },
} as const

async function runFirst(
  settings: Settings,
  parts: readonly Part[],
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  if (!settings.examples || !(await firstRunIsDue(settings.home))) return
  const env = Object.assign({}, ...parts.map((part) => part.env)) as Record<string, string>
  // Only now: Google's client would stay in memory for as long as this process runs.
  const { runExamples } = await import('../../examples/run.ts')
  const examples = runExamples({
    apiUrl: `http://${addressOf(settings.hosts.api, settings.ports.api)}`,
    databaseUrl: env['DATABASE_URL'] ?? '',
    bucket: settings.bucket,
    bigquery: {
      projectId: settings.googleProject,
      ...(env['BIGQUERY_API_ENDPOINT'] === undefined
        ? {}
        : { apiEndpoint: env['BIGQUERY_API_ENDPOINT'] }),
    },
    ...(env['SUIRO_TEMPORAL_UI'] === undefined ? {} : { temporalUi: env['SUIRO_TEMPORAL_UI'] }),
    print,
    signal,
  })
  try {
    await examples
    await firstRunIsDone(settings.home)
  } catch (error) {
    // Suiro itself works: it stays, and the next start tries the example again.
    if (!signal.aborted) {
      print(
        `\nThe example did not come to its end: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
}
