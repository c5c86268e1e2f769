import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A process we started: its id alone could be somebody else's by now, so its command goes with it. */
export interface OwnedProcess {
  readonly pid: number
  readonly command: string
}

/** Remembers in a file what we started, so that the next start finds what a killed one left behind. */
export interface Ledger {
  /** The data folder that they all belong to. */
  readonly home: string
  add(process: OwnedProcess): void
  remove(pid: number): void
  /** What an earlier start left running. */
  leftovers(): readonly OwnedProcess[]
}

/** The command line of a running process; undefined when there is none. */
export function commandOf(pid: number): string | undefined {
  if (process.platform === 'linux') return fromProc(pid)
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

/** Without `ps`, which small machines do not have. */
function fromProc(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '')
    return words === '' ? undefined : words.replaceAll('\0', ' ')
  } catch {
    return undefined
  }
}

export function createLedger(home: string): Ledger {
  const file = join(home, 'run/processes.json')
  const read = (): readonly OwnedProcess[] => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as OwnedProcess[]
    } catch {
      // Missing, or half written when the machine went down: nothing can be said of it.
      return []
    }
  }
  const write = (processes: readonly OwnedProcess[]): void => {
    mkdirSync(dirname(file), { recursive: true })
    if (processes.length === 0) rmSync(file, { force: true })
    else writeFileSync(file, `${JSON.stringify(processes, null, 2)}\n`)
  }
  return {
    home,
    add: (process) => write([...read().filter(({ pid }) => pid !== process.pid), process]),
    remove: (pid) => write(read().filter((process) => process.pid !== pid)),
    leftovers: () => read().filter(({ pid, command }) => isSame(commandOf(pid), command)),
  }
}

/** `ps` shows a command with its path or without, and PostgreSQL renames itself: the program decides. */
export function isSame(running: string | undefined, recorded: string): boolean {
  if (running === undefined || running === '') return false
  return running === recorded || running.includes(recorded) || recorded.includes(running)
}
