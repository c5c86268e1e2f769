import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartError } from './failure.ts'
import { commandOf } from './processes/ownership.ts'

/** Who has a data folder, an `npm start` or a test: what it says of itself to others who want the folder or its ports. */
export interface Running {
  readonly pid: number
  /** Absent as `began` until it has checked its ports, and of tests. */
  readonly version?: string
  /** ISO 8601. */
  readonly began?: string
  /** For people: where each part is, by its name. */
  readonly addresses: Readonly<Record<string, string>>
}

/** In the environment of every part: the data folder of the Suiro that started it. */
export const homeVariable = 'SUIRO_PART_OF'

/** Its number alone could be somebody else's by now. */
const launchers = /embedded\/main\.ts|(?:bench|histories|browser)\/main\.ts|vitest/

const lockOf = (home: string): string => join(home, 'run/launcher.pid')
const fileOf = (home: string): string => join(home, 'run/launcher.json')

/** Takes the folder for this process; throws a StartError that says who has it. */
export function lockHome(home: string): void {
  const lock = lockOf(home)
  const other = runningIn(home)
  if (other !== undefined) throw new StartError(sayRunning(home, other))
  // What stands there is of a process that is gone.
  rmSync(lock, { force: true })
  rmSync(fileOf(home), { force: true })
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
  } catch {
    throw new StartError(
      `Another npm start is just taking ${home}. Use that one, or choose another folder with SUIRO_HOME (and other ports).`,
    )
  }
}

/** Gives it free for the next start. */
export function unlockHome(home: string): void {
  rmSync(fileOf(home), { force: true })
  rmSync(lockOf(home), { force: true })
}

function sayRunning(home: string, running: Running): string {
  const { pid, addresses } = running
  const lines = Object.entries(addresses).map(
    ([name, address]) => `  ${name.padEnd(14)} ${address}`,
  )
  return [
    `Suiro runs in ${home} already (${inWords(running)}).`,
    ...(lines.length === 0 ? ['It has only just begun to start.'] : lines),
    `Use that one, stop it with Ctrl-C in its terminal or kill ${pid}, or choose another folder with SUIRO_HOME (and other ports).`,
  ].join('\n')
}

/** The process that has this data folder; undefined when there is none. */
function holderOf(home: string): number | undefined {
  const pid = Number(readOr(lockOf(home), '0'))
  return pid > 0 && pid !== process.pid && launchers.test(commandOf(pid) ?? '') ? pid : undefined
}

/** The same, with what it says of itself. */
export function runningIn(home: string): Running | undefined {
  const pid = holderOf(home)
  if (pid === undefined) return undefined
  const unknown = { pid, addresses: {} }
  try {
    const written = JSON.parse(readFileSync(fileOf(home), 'utf8')) as Running
    return written.pid === pid ? written : unknown
  } catch {
    // It has only just begun, or is of a release that wrote none.
    return unknown
  }
}

export const describeRunning = (home: string, running: Running): void =>
  writeFileSync(fileOf(home), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 })

/** In a few words, for people: `version 1.2.3, started 2026-01-05 07:00 UTC, process 123`. */
export const inWords = ({ pid, version, began }: Running): string =>
  [
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(began === undefined ? [] : [`started ${began.slice(0, 16).replace('T', ' ')} UTC`]),
    `process ${pid}`,
  ].join(', ')

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
