import { randomUUID } from 'node:crypto'
import { access, constants as modes, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { OperatorError } from '../../failure.ts'
import type { Environment } from '../environment.ts'
import { endAll } from './end-all.ts'
import { leftRunning } from './left-running.ts'
import { markVariable } from './marked.ts'
import { startCommand, type StartedCommand, type WantedCommand } from './starter.ts'
import type { Print } from '../../log/task-log.ts'
import { readOutputOf } from './read-output.ts'

export interface Command {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Environment
  /** Whole lines as they come, stdout and stderr together; the last one may lack its end. */
  readonly onOutput: Print
  readonly signal: AbortSignal
  /** Between asking a command to stop and making it stop. */
  readonly graceMilliseconds?: number
  /** What to do when the program is not there. */
  readonly advice?: string
}

// C1. What a command started ends with it: its process group is gone before this returns, and so are those
//     that left the group but carry the command's mark.
// C2. A command has ended when it has exited and nobody can write to its output any more, as in Digdag.
// C3. An aborted command throws the abort's reason, whatever it made of its end.
// C4. A command does not outlive its worker, however that ends.

/** Runs a command in a process group of its own and answers its exit code, 128 + n after a signal n. */
export async function runCommand(input: Command): Promise<number> {
  const { command, cwd, env, signal, graceMilliseconds = 5000 } = input
  const program = command[0] ?? ''
  if ((await findProgram(program, env['PATH'], cwd)) === undefined) {
    const advice = input.advice === undefined ? '' : `. ${input.advice}`
    throw cannotRun(program, `it is not installed on this worker${advice}`)
  }
  signal.throwIfAborted()
  const mark = randomUUID()
  const started = await start(program, {
    command,
    cwd,
    env: { ...env, [markVariable]: mark },
    mark,
  })
  const { pid, output } = started
  const processes = { leader: pid, mark }

  let ending: Promise<void> | undefined
  const stop = (): void => {
    // Somebody who left the group may hold the output open: nobody listens any longer.
    ending ??= endAll(processes, graceMilliseconds).finally(() => output.destroy())
  }
  let unread: { readonly error: unknown } | undefined
  const closed = new Promise<void>((resolve) => output.once('close', () => resolve()))
  readOutputOf(output, input.onOutput, (error) => {
    unread ??= { error }
    stop()
  })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    const [{ code, signal: how }] = await Promise.all([started.exit, closed])
    signal.throwIfAborted()
    if (unread !== undefined) throw cannotRead(program, unread.error)
    const left = await leftRunning(pid)
    if (left !== undefined) await input.onOutput(`${left}\n`)
    return code ?? 128 + constants.signals[how ?? 'SIGKILL']
  } finally {
    signal.removeEventListener('abort', stop)
    await (ending ?? endAll(processes, graceMilliseconds))
    output.destroy()
    started.done()
  }
}

async function start(program: string, wanted: WantedCommand): Promise<StartedCommand> {
  try {
    return await startCommand(wanted)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // Not the system's word: the starter died, so this is no failure of the task's.
    if (code === undefined) {
      // It may have started the command and not said so any more.
      await endAll({ leader: undefined, mark: wanted.mark }, 1_000)
      throw error
    }
    // The machine has no room for a process or a file now: another try may find it.
    if (scarce.has(code)) throw error
    if (code !== 'E2BIG') throw cannotRun(program, message)
    throw cannotRun(program, 'the parameters together are too large for its environment')
  }
}

const scarce: ReadonlySet<string> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])

const cannotRun = (program: string, why: string): OperatorError =>
  new OperatorError(`Cannot run program "${program}": ${why}`, { code: 'COMMAND' })

const cannotRead = (program: string, cause: unknown): OperatorError =>
  new OperatorError(`The output of "${program}" cannot be read any more: ${String(cause)}`, {
    cause,
  })

/** Where a program is that a command names; undefined when it is not installed. */
export async function findProgram(
  program: string,
  path = '/usr/local/bin:/usr/bin:/bin',
  cwd = '/',
): Promise<string | undefined> {
  const places = program.includes('/')
    ? [resolve(cwd, program)]
    : path.split(delimiter).map((folder) => resolve(cwd, folder, program))
  for (const place of program === '' ? [] : places) {
    if (await isExecutable(place)) return place
  }
  return undefined
}

async function isExecutable(place: string): Promise<boolean> {
  try {
    await access(place, modes.X_OK)
    return (await stat(place)).isFile()
  } catch {
    return false
  }
}
