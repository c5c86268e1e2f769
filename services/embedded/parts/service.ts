import { fileURLToPath } from 'node:url'
import { handOver } from '#services/shared/hand-over.ts'
import { addressOf } from '../hosts.ts'
import { requireFreePort } from '../ports.ts'
import { startProgram } from '../processes/program.ts'
import { portVariable } from '../settings.ts'
import type { Part, PartContext } from './part.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Service {
  readonly name: 'API' | 'Worker'
  /** Relative to the checkout. */
  readonly main: string
  readonly port: 'api' | 'worker'
  readonly env: Readonly<Record<string, string>>
  readonly graceSeconds: number
}

/** API or worker. Their settings go in by a pipe: the environment of a process is open to its user's others. */
export async function startService(context: PartContext, service: Service): Promise<Part> {
  const { settings, ledger, logFile } = context
  const { name, main, port, graceSeconds } = service
  const { ports } = settings
  const host = settings.hosts[port]
  const url = `http://${addressOf(host, ports[port])}`
  await requireFreePort(host, ports[port], name, portVariable(port))
  const log = name.toLowerCase()
  const program = await startProgram({
    name,
    command: process.execPath,
    args: [main],
    cwd: root,
    ...handOver({ ...process.env, ...service.env }),
    logFile: logFile(log),
    ledger,
    ready: async () => (await fetch(`${url}/readyz`)).ok,
    readyTimeoutSeconds: 60,
    advice: `All of its log is in ${logFile(log)}.`,
  })
  return {
    name,
    address: `${url} (process ${program.pid})`,
    env: {},
    ended: program.ended,
    stop: () => program.stop(graceSeconds),
  }
}
