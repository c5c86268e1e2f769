import type { Home } from '../home.ts'
import { addressOf } from '../hosts.ts'
import { keepRunning } from '../processes/keep-running.ts'
import type { Stopping } from '../processes/stopping.ts'
import { canDraw, runSteps, type Step } from '../progress.ts'
import type { Variables } from '../service-env.ts'
import type { Settings } from '../settings.ts'
import { startBigQuery } from './bigquery.ts'
import type { Part, PartContext } from './part.ts'
import { startPostgres } from './postgres.ts'
import { startService } from './service.ts'
import { startStorage } from './storage.ts'
import { startTemporal } from './temporal.ts'

interface StartParts {
  readonly settings: Settings
  readonly home: Home
  /** Filled as they come up. */
  readonly parts: Part[]
  /** Of API and worker, beside what the parts say of themselves. */
  readonly env: Variables
  readonly print: (line: string) => void
  readonly stopping: Stopping
}

/** Brings up the servers side by side, then API and worker; answers what failed. */
export async function startParts(needs: StartParts): Promise<readonly unknown[]> {
  const { settings, home, parts, print, stopping } = needs
  const env: Record<string, string | undefined> = { ...needs.env }
  const logs = `${settings.home}/logs`
  const step = (title: string, begin: (context: PartContext) => Promise<Part>): Step => ({
    title,
    async run(progress) {
      const began = Date.now()
      const context = { settings, ledger: home.ledger, stopping, logFile: home.logFile, progress }
      const part = await keepRunning({
        begin: () => begin(context),
        // What dies or does not come back while all stop is no news.
        say: (line) => {
          if (!stopping.asked.aborted) print(line)
        },
        logs,
      })
      parts.push(part)
      Object.assign(env, part.env)
      return `${title}: ${part.address}, ${((Date.now() - began) / 1000).toFixed(1)} s`
    },
  })
  const run = (steps: readonly Step[]): Promise<readonly unknown[]> =>
    runSteps(steps, { draws: canDraw(process.stdout, process.env), print })

  const engines = await run([
    step('PostgreSQL', startPostgres),
    step('Temporal', startTemporal),
    step('Cloud Storage engine', startStorage),
    step('BigQuery engine', (context) => {
      const { hosts, ports, external } = settings
      const storage = `http://${addressOf(hosts.storage, ports.storage)}`
      return startBigQuery(context, external.storageEndpoint ?? storage)
    }),
  ])
  if (engines.length > 0 || stopping.asked.aborted) return engines
  return run([
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
  ])
}
