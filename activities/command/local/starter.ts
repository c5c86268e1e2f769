import { fork, type ChildProcess } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdtemp, rm, unlink } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../environment.ts'
import type { FromStarter, ToStarter } from './starter-messages.ts'

/** A command that runs. */
export interface StartedCommand {
  readonly pid: number
  /** What it prints, stdout and stderr together; ends when nobody can write to it any more. */
  readonly output: Socket
  /** How it ended; rejects when that cannot be known, since the starter died. */
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** All of its processes have ended. */
  done(): void
}

export interface WantedCommand {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Environment
  readonly mark: string
}

/** Pipes that are made at a time. */
const pipesAtOnce = 8

interface Starter {
  start(wanted: WantedCommand): Promise<StartedCommand>
}

let current: Promise<Starter> | undefined

/** Starts a command by this process's starter, which lives as long as it does; throws with the system's code. */
export async function startCommand(wanted: WantedCommand): Promise<StartedCommand> {
  current ??= createStarter(() => (current = undefined))
  return (await current).start(wanted)
}

async function createStarter(gone: () => void): Promise<Starter> {
  const folder = await mkdtemp(join(tmpdir(), 'suiro-pipes-'))
  const child = fork(fileURLToPath(new URL('starter-process.ts', import.meta.url)), [folder], {
    // In a group of its own: who ends the worker's group does not end it.
    detached: true,
    execArgv: [],
    // Nothing of what the worker knows.
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, Waiting>()
  const holding = createHold(child)
  let pipesMade: ((error?: string) => void) | undefined

  child.on('message', (message: FromStarter) => {
    if (message.kind === 'pipes') return pipesMade?.(message.error)
    const one = waiting.get(message.id)
    if (one === undefined) return
    if (message.kind === 'started') one.started(message.pid)
    if (message.kind === 'exit') one.exited(message)
    if (message.kind === 'failed') {
      one.failed(Object.assign(new Error(message.message), { code: message.code }))
    }
  })
  const end = (): void => {
    gone()
    void rm(folder, { recursive: true, force: true }).catch(() => undefined)
    const error = new Error('The process that starts commands has died')
    pipesMade?.(error.message)
    for (const one of waiting.values()) one.failed(error)
  }
  child.once('exit', end)
  child.once('error', end)

  const send = (message: ToStarter): void => {
    if (child.connected) child.send(message)
  }
  const pipes = createPipes(folder, (paths) => {
    const made = Promise.withResolvers<void>()
    pipesMade = (error) => (error === undefined ? made.resolve() : made.reject(new Error(error)))
    send({ kind: 'pipes', paths })
    return made.promise
  })
  let lastId = 0

  return {
    async start({ command, cwd, env, mark }) {
      const release = holding()
      const { pipe, reader } = await pipes.open().catch((error: unknown) => {
        release()
        throw error
      })
      const id = ++lastId
      const started = Promise.withResolvers<number>()
      const exit = Promise.withResolvers<Awaited<StartedCommand['exit']>>()
      exit.promise.catch(() => undefined)
      waiting.set(id, {
        started: started.resolve,
        exited: exit.resolve,
        failed(error) {
          started.reject(error)
          exit.reject(error)
        },
      })
      const done = (again: boolean): void => {
        waiting.delete(id)
        send({ kind: 'forget', id })
        release()
        if (again) pipes.giveBack(pipe)
        else void unlink(pipe).catch(() => undefined)
      }
      send({ kind: 'start', id, command, cwd, env, pipe, mark })
      try {
        const pid = await started.promise
        // Not before somebody writes: a pipe without a writer is at its end.
        const output = new Socket({ fd: reader, readable: true, writable: false })
        let ended = false
        output.once('end', () => (ended = true))
        return { pid, output, exit: exit.promise, done: () => done(ended) }
      } catch (error) {
        closeSync(reader)
        done(true)
        throw error
      }
    },
  }
}

interface Waiting {
  readonly started: (pid: number) => void
  readonly exited: (how: Awaited<StartedCommand['exit']>) => void
  readonly failed: (error: Error) => void
}

/** Keeps this process alive while commands run, and only then; answers how to let go. */
function createHold(child: ChildProcess): () => () => void {
  let holders = 0
  const letGo = (): void => {
    child.unref()
    child.channel?.unref()
  }
  letGo()
  return () => {
    if (holders++ === 0) {
      child.ref()
      child.channel?.ref()
    }
    let held = true
    return () => {
      if (held && --holders === 0) letGo()
      held = false
    }
  }
}

/** Named pipes that wait for a command. */
function createPipes(folder: string, make: (paths: readonly string[]) => Promise<void>) {
  const free: string[] = []
  let made = 0
  let making: Promise<void> = Promise.resolve()
  const take = async (): Promise<string> => {
    for (;;) {
      const pipe = free.pop()
      if (pipe !== undefined) return pipe
      const paths = Array.from({ length: pipesAtOnce }, () => join(folder, String(++made)))
      const mine = making.then(async () => {
        if (free.length > 0) return
        await make(paths)
        free.push(...paths)
      })
      making = mine.catch(() => undefined)
      await mine
    }
  }
  const giveBack = (pipe: string): void => void free.push(pipe)
  return {
    /** One that is read from now on. */
    async open(): Promise<{ readonly pipe: string; readonly reader: number }> {
      const pipe = await take()
      try {
        // Does not wait for a writer.
        return { pipe, reader: openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK) }
      } catch (error) {
        giveBack(pipe)
        throw error
      }
    },
    giveBack,
  }
}
