import { fileURLToPath } from 'node:url'
import { handOver } from '#services/shared/hand-over.ts'
import { addressOf } from '../hosts.ts'
import { requirePortsOf } from '../ports/free-ports.ts'
import { startProgram } from '../processes/program.ts'
import type { Variables } from '../service-env.ts'
import type { Part, PartContext } from './part.ts'

/**
 * Node would let what is young grow to 48 MB and keep it, and glibc's `malloc` takes a region for each thread: together some
 * 40 MB in each service that nothing is faster for.
 */
const small = { flags: ['--max-semi-space-size=4'], env: { MALLOC_ARENA_MAX: '2' } } as const

const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Service {
  readonly name: 'API' | 'Worker'
  /** Relative to the checkout. */
  readonly main: string
  readonly port: 'api' | 'worker'
  /** All that it is handed. */
  readonly env: Variables
  readonly graceSeconds: number
}

/** API or worker. Their settings go in by a pipe: the environment of a process is open to its user's others. */
export async function startService(context: PartContext, service: Service): Promise<Part> {
  const { settings, ledger, stopping, logFile } = context
  const { name, main, port, graceSeconds } = service
  const { ports } = settings
  const host = settings.hosts[port]
  const url = `http://${addressOf(host, ports[port])}`
  await requirePortsOf(settings, port)
  const log = name.toLowerCase()
  const { env, input } = handOver(service.env)
  const program = await startProgram({
    name,
    command: process.execPath,
    args: [...small.flags, main],
    cwd: root,
    env: { ...small.env, ...env },
    input,
    logFile: logFile(log),
    ledger,
    stopping,
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
