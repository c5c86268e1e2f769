import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from './failure.ts'
import { commandOf, createLedger, type Ledger } from './processes/ownership.ts'
import { signalGroup } from './processes/program.ts'

export interface Home {
  readonly ledger: Ledger
  readonly logFile: (name: string) => string
  /** Gives the folder free for the next start. */
  release(): void
}

/**
 * Takes the data folder for this process: refuses when another Suiro has it, and stops what a killed one
 * left running in it, and nothing else.
 */
export async function takeHome(home: string, print: (line: string) => void): Promise<Home> {
  try {
    mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
    close(home)
  } catch (error) {
    throw new StartError(
      `The data folder ${home} cannot be made (${(error as NodeJS.ErrnoException).code ?? String(error)}). Choose another with SUIRO_HOME.`,
    )
  }
  const lock = join(home, 'run/launcher.pid')
  const holder = Number(readOr(lock, '0'))
  if (holder > 0 && holder !== process.pid && commandOf(holder)?.includes('embedded/main.ts')) {
    throw new StartError(
      `Suiro runs in ${home} already (process ${holder}). Use that one, stop it, or choose another folder with SUIRO_HOME (and other ports).`,
    )
  }
  writeFileSync(lock, String(process.pid))
  const ledger = createLedger(join(home, 'run/processes.json'))
  await stopLeftovers(ledger, print)
  return {
    ledger,
    logFile: (name) => join(home, 'logs', `${name}.log`),
    release: () => rmSync(lock, { force: true }),
  }
}

/** What lies in them is nobody else's. The way to the tasks' folders stays open, each of which is closed. */
function close(home: string): void {
  for (const name of ['run', 'logs', 'temporal', 'bigquery', 'storage']) {
    mkdirSync(join(home, name), { recursive: true })
    chmodSync(join(home, name), 0o700)
  }
}

/** Their ports and data are needed next, so it waits until they are gone. */
async function stopLeftovers(ledger: Ledger, print: (line: string) => void): Promise<void> {
  const leftovers = ledger.leftovers()
  for (const { pid, command } of leftovers) {
    print(`Stopping process ${pid}, which an earlier start left behind: ${command.slice(0, 100)}`)
  }
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of ledger.leftovers()) signalGroup(pid, signal)
    for (let waited = 0; waited < 5_000 && ledger.leftovers().length > 0; waited += 100) {
      await sleep(100)
    }
  }
  for (const { pid } of leftovers) ledger.remove(pid)
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
