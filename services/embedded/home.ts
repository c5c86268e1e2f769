import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from './failure.ts'
import { createLedger, type Ledger } from './processes/ownership.ts'
import { signalGroup } from './processes/signal-group.ts'
import { lockHome, unlockHome } from './running.ts'

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
  lockHome(home)
  const ledger = createLedger(home)
  await stopLeftovers(ledger, print)
  return {
    ledger,
    logFile: (name) => join(home, 'logs', `${name}.log`),
    release: () => unlockHome(home),
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
