import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartError } from '../failure.ts'
import { homeVariable } from '../running.ts'
import { endWithUs } from './end-with-us.ts'
import type { Ledger } from './ownership.ts'
import { signalGroup } from './signal-group.ts'
import type { Stopping } from './stopping.ts'

export interface ProgramOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** What it reads from its standard input. */
  readonly input?: string
  /** Everything it prints goes here. */
  readonly logFile: string
  readonly ledger: Ledger
  /** Absent: only `stop` stops it. */
  readonly stopping?: Stopping | undefined
  /** Answers true once the program can be used. */
  readonly ready: () => Promise<boolean>
  readonly readyTimeoutSeconds: number
  /** Said when it ends before it is ready. */
  readonly advice: string
  readonly stopSignal?: NodeJS.Signals
  /** What ends it at once, and all that it started; SIGKILL unless it needs a moment for its own children. */
  readonly hurrySignal?: NodeJS.Signals
}

/** A program that we started and that answers. */
export interface Program {
  readonly name: string
  readonly pid: number
  /** Resolves when it ends, for whatever reason. */
  readonly ended: Promise<string>
  /** Asks it to stop, insists after a while, and waits until it is gone. */
  stop(graceSeconds?: number): Promise<void>
}

/** Starts a program in a process group of its own, so that Ctrl-C reaches only us, and waits for it. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  options.stopping?.asked.throwIfAborted()
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  const { size: logBegan } = fstatSync(log)
  const began = Date.now()
  const child = spawn(options.command, [...options.args], {
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', log, log],
    env: { ...(options.env ?? process.env), [homeVariable]: options.ledger.home },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  closeSync(log)
  endWithUs(child, options.hurrySignal)
  // One that ends before it has read it says why in its log.
  child.stdin?.on('error', () => undefined).end(options.input)
  const ended = endOf(child)
  let over: string | undefined
  void ended.then((how) => {
    over = how
    if (child.pid !== undefined) options.ledger.remove(child.pid)
  })
  if (child.pid !== undefined) {
    options.ledger.add({ pid: child.pid, command: [options.command, ...options.args].join(' ') })
  }
  const program: Program = {
    name: options.name,
    pid: child.pid ?? 0,
    ended,
    stop: (graceSeconds = 15) => stop(child, ended, options, graceSeconds),
  }
  const asked = options.stopping?.asked
  const givenUp = new Promise<false>((resolve) => {
    asked?.addEventListener('abort', () => resolve(false), { once: true })
  })
  while (!(await Promise.race([options.ready().catch(() => false), givenUp]))) {
    const waited = (Date.now() - began) / 1000
    if (asked?.aborted) await program.stop()
    asked?.throwIfAborted()
    if (over !== undefined) throw failed(options, logBegan, `ended before it was ready (${over})`)
    if (waited > options.readyTimeoutSeconds) {
      await program.stop(5)
      throw failed(options, logBegan, `did not answer within ${options.readyTimeoutSeconds} s`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return program
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}

async function stop(
  child: ChildProcess,
  ended: Promise<string>,
  { stopSignal = 'SIGTERM', hurrySignal = 'SIGKILL', stopping }: ProgramOptions,
  graceSeconds: number,
): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill(stopSignal)
  // The hard deadline takes the whole group: whatever the program started as well.
  let insist = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceSeconds * 1000)
  const hurry = (): void => {
    signalGroup(child.pid, hurrySignal)
    clearTimeout(insist)
    insist = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 3000)
  }
  if (stopping?.hurry.aborted) hurry()
  stopping?.hurry.addEventListener('abort', hurry)
  await ended
  stopping?.hurry.removeEventListener('abort', hurry)
  clearTimeout(insist)
}

function failed(options: ProgramOptions, logBegan: number, what: string): StartError {
  const tail = lastLines(options.logFile, 5, logBegan)
  return new StartError(
    [`${options.name} ${what}.`, ...tail.map((line) => `    ${line}`), options.advice].join('\n'),
  )
}

/** The end of a log, for a message; nothing of what was there before byte `from`. */
export function lastLines(file: string, count: number, from = 0): readonly string[] {
  try {
    return readFileSync(file).subarray(from).toString().trimEnd().split('\n').slice(-count)
  } catch {
    return []
  }
}
