import { fileURLToPath } from 'node:url'
import { addressOf } from '../hosts.ts'
import { requireFreePort } from '../ports.ts'
import { startProgram, type Program } from '../processes/program.ts'
import { portVariable } from '../settings.ts'
import type { Part, PartContext } from './part.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Service {
  readonly name: 'API' | 'Worker'
  /** Relative to the checkout. */
  readonly main: string
  readonly port: 'api' | 'worker'
  readonly env: Readonly<Record<string, string>>
  /** Told when it died and was started again. */
  readonly onRestart: (line: string) => void
  readonly graceSeconds: number
}

/** API or worker as a process that is started again when it dies. */
export async function startService(context: PartContext, service: Service): Promise<Part> {
  const { settings, ledger, logFile } = context
  const { name, main, port, onRestart, graceSeconds } = service
  const { ports } = settings
  const host = settings.hosts[port]
  const url = `http://${addressOf(host, ports[port])}`
  await requireFreePort(host, ports[port], name, portVariable(port))
  const log = name.toLowerCase()
  let stopping = false
  let current: Program

  const start = (): Promise<Program> =>
    startProgram({
      name,
      command: process.execPath,
      args: [main],
      cwd: root,
      env: { ...process.env, ...service.env },
      logFile: logFile(log),
      ledger,
      ready: async () => (await fetch(`${url}/readyz`)).ok,
      readyTimeoutSeconds: 60,
      mend: `All of its log is in ${logFile(log)}.`,
    })

  const watch = (program: Program): void => {
    void program.ended.then(async (how) => {
      for (let wait = 1; !stopping; wait = Math.min(wait * 2, 30)) {
        onRestart(`${name} died (${how}); starting it again …`)
        try {
          current = await start()
          onRestart(`${name} is back (process ${current.pid})`)
          watch(current)
          return
        } catch (error) {
          onRestart(
            `${error instanceof Error ? error.message : String(error)}\n  trying again in ${wait} s`,
          )
          await new Promise((resolve) => setTimeout(resolve, wait * 1000))
        }
      }
    })
  }
  current = await start()
  watch(current)
  return {
    name,
    address: `${url} (process ${current.pid})`,
    env: {},
    ended: new Promise(() => undefined),
    async stop() {
      stopping = true
      await current.stop(graceSeconds)
    },
  }
}
