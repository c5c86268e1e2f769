import { execFile, spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { endAll, type CommandProcesses } from './end-all.ts'
import type { FromStarter, ToStarter } from './starter-messages.ts'

// T1. A process of its own, and a small one: to start a process copies the tables of the memory that the one who starts
//     it holds, and a worker holds hundreds of megabytes; meanwhile it would do nothing else.
// T2. When the worker is gone, however it ended, its commands end too.

/** Of the pipes; removed at the end. */
const folder = process.argv[2]
const running = new Map<number, CommandProcesses>()
const graceMilliseconds = 5_000

const say = (message: FromStarter): void => {
  if (process.connected) process.send?.(message)
}

function makePipes(paths: readonly string[]): void {
  // Others may write to it: a command with other rights that opens /dev/stderr anew. Its folder is closed to them.
  execFile('mkfifo', ['-m', '666', '--', ...paths], (error) => {
    say(error === null ? { kind: 'pipes' } : { kind: 'pipes', error: error.message })
  })
}

function start({ id, command, cwd, env, pipe, mark }: Extract<ToStarter, { kind: 'start' }>): void {
  const failed = (error: NodeJS.ErrnoException): void => {
    const { code, message } = error
    say({ kind: 'failed', id, message, ...(code === undefined ? {} : { code }) })
  }
  let output: number | undefined
  try {
    // The worker reads already, so this does not wait. One pipe for both, so that lines stay in their order.
    output = openSync(pipe, 'w')
    const [program = '', ...args] = command
    const stdio = ['ignore' as const, output, output]
    const child = spawn(program, args, { cwd, env, detached: true, stdio })
    child.once('error', failed)
    child.once('exit', (code, signal) => say({ kind: 'exit', id, code, signal }))
    if (child.pid === undefined) return
    running.set(id, { leader: child.pid, mark })
    say({ kind: 'started', id, pid: child.pid })
  } catch (error) {
    failed(error as NodeJS.ErrnoException)
  } finally {
    if (output !== undefined) closeSync(output)
  }
}

process.on('message', (message: ToStarter) => {
  switch (message.kind) {
    case 'pipes':
      return makePipes(message.paths)
    case 'start':
      return start(message)
    case 'forget':
      running.delete(message.id)
  }
})

// Whoever stops a worker and its group means the worker, which stops its commands itself.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

process.once('disconnect', () => {
  const ends = [...running.values()].map((command) => endAll(command, graceMilliseconds))
  void Promise.allSettled(ends).then(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  })
})
