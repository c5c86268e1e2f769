import { join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { StartError } from './failure.ts'
import { takeHome } from './home.ts'
import { addressOf, openParts } from './hosts.ts'
import type { Part } from './parts/part.ts'
import { storedSecret } from './parts/postgres.ts'
import { startParts } from './parts/start-parts.ts'
import { requireFreePorts } from './ports/free-ports.ts'
import { wantedPorts } from './ports/wanted.ts'
import type { CheckedSettings } from './check-settings.ts'
import { runFirst } from './first-run.ts'
import { describeRunning } from './running.ts'
import { serviceEnv } from './service-env.ts'
import type { Settings } from './settings.ts'
import { waitForSignal, type Interruption } from './signals.ts'

/** `npm start`: brings everything up, runs the example the first time, and stays until Ctrl-C. */
export async function start(
  { settings, given, notes }: CheckedSettings,
  print: (line: string) => void,
): Promise<void> {
  const began = new Date()
  const interrupted = waitForSignal()
  for (const note of notes) print(note)
  const home = await takeHome(settings.home, print)
  const parts: Part[] = []
  try {
    await requireFreePorts(wantedPorts(settings))
    describeRunning(settings.home, {
      pid: process.pid,
      version: packageJson.version,
      began: began.toISOString(),
      addresses: addressesOf(settings),
    })
    const secretKey = await storedSecret(join(settings.home, 'secret-key'), 32)
    const env = serviceEnv(settings, given, secretKey)
    const failed = await startParts({ settings, home, parts, env, print, stopping: interrupted })
    // Ctrl-C while it started: what has come up is stopped again, and what gave up is no failure.
    if (interrupted.asked.aborted) return
    if (failed.length > 0) throw together(failed)
    sayReady(settings, parts, (Date.now() - began.getTime()) / 1000, print)
    await stay(settings, parts, interrupted, print)
  } finally {
    await stopAll(parts, interrupted, print)
    home.release()
  }
}

/** Where people find what runs here; for another `npm start` that wants the same folder or ports. */
function addressesOf({ hosts, ports, home }: Settings): Readonly<Record<string, string>> {
  const api = `http://${addressOf(hosts.api, ports.api)}`
  return {
    API: api,
    'API docs': `${api}/docs`,
    "Temporal's UI": `http://${addressOf(hosts.temporal, ports.temporalUi)}`,
    'Data and logs': home,
  }
}

/** All that failed: one sentence to each where a person can fix it, a stack where not. */
function together(failed: readonly unknown[]): unknown {
  const unforeseen = failed.find((error) => !(error instanceof StartError))
  if (unforeseen !== undefined) return unforeseen
  return new StartError(failed.map((error) => (error as StartError).message).join('\n\n'))
}

function sayReady(
  settings: Settings,
  parts: readonly Part[],
  seconds: number,
  print: (line: string) => void,
): void {
  print(`\nSuiro is ready after ${seconds.toFixed(1)} s.\n`)
  for (const { name, address } of parts) print(`  ${name.padEnd(14)} ${address}`)
  const api = `http://${addressOf(settings.hosts.api, settings.ports.api)}`
  print(`  ${'API docs'.padEnd(14)} ${api}/docs`)
  print(`  ${'Data and logs'.padEnd(14)} ${settings.home}\n`)
  for (const line of openParts(settings.hosts)) print(`  ${line}`)
}

/** Until somebody asks for the end; throws when a part died too often. */
async function stay(
  settings: Settings,
  parts: readonly Part[],
  { promise, asked }: Interruption,
  print: (line: string) => void,
): Promise<void> {
  const died = Promise.race(parts.map((part) => part.ended.then((how) => ({ part, how }))))
  await Promise.race([
    promise,
    runFirst(settings, parts, asked, print).then(() => {
      if (!asked.aborted) print('Press Ctrl-C to stop.')
      return promise
    }),
    died.then(({ part, how }) => {
      throw new StartError(
        `${part.name} is not started again (${how}). Its log, in ${settings.home}/logs, says why; fix that, then run npm start again.`,
      )
    }),
  ])
}

async function stopAll(
  parts: readonly Part[],
  { hurry }: Interruption,
  print: (line: string) => void,
): Promise<void> {
  if (parts.length > 0) {
    print('\nStopping: tasks first, then the servers. Ctrl-C again ends them at once …')
  }
  hurry.addEventListener('abort', () => print('Ending everything at once …'))
  // What depends on others goes first, so the reverse of the order in which they came.
  for (const part of parts.toReversed()) {
    await part.stop()
    print(`  ${part.name} stopped`)
  }
}
