import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { access, constants as modes, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { OperatorError } from '../../failure.ts'
import type { Environment } from '../environment.ts'
import { guardGroup } from './guard.ts'
import { groupLives } from './living-group.ts'
import { leftRunning } from './left-running.ts'
import { markVariable, searchMarked } from './marked.ts'
import type { Print } from '../../log/task-log.ts'
import { readOutputOf } from './read-output.ts'
import { growingWait } from '#workflows/domain/growing-wait.ts'

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
  const child = start(program, { command, cwd, env: { ...env, [markVariable]: mark } })
  const dismissGuard = child.pid === undefined ? () => undefined : guardGroup(child.pid, mark)

  let ending: Promise<void> | undefined
  const stop = (): void => {
    // Somebody who left the group may hold the output open: nobody listens any longer.
    ending ??= endAll(child.pid, mark, graceMilliseconds).finally(() => child.stdout.destroy())
  }
  let unread: { readonly error: unknown } | undefined
  readOutputOf(child.stdout, input.onOutput, (error) => {
    unread ??= { error }
    stop()
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(cannotRun(program, error.message)))
      child.once('close', (exit, how) => resolve(exit ?? 128 + constants.signals[how ?? 'SIGKILL']))
    })
    signal.throwIfAborted()
    if (unread !== undefined) throw cannotRead(program, unread.error)
    const left = await leftRunning(child.pid)
    if (left !== undefined) await input.onOutput(`${left}\n`)
    return code
  } finally {
    signal.removeEventListener('abort', stop)
    await (ending ?? endAll(child.pid, mark, graceMilliseconds))
    dismissGuard()
  }
}

function start(program: string, { command, cwd, env }: Pick<Command, 'command' | 'cwd' | 'env'>) {
  try {
    // One pipe for both streams, so that lines are in the log in the order they were printed.
    return spawn('/bin/sh', ['-c', 'exec "$@" 2>&1', 'sh', ...command], {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'E2BIG') throw cannotRun(program, message)
    throw cannotRun(program, 'the parameters together are too large for its environment')
  }
}

const cannotRun = (program: string, why: string): OperatorError =>
  new OperatorError(`Cannot run program "${program}": ${why}`, { code: 'COMMAND' })

const cannotRead = (program: string, cause: unknown): OperatorError =>
  new OperatorError(`The output of "${program}" cannot be read any more: ${String(cause)}`, {
    cause,
  })

/** SIGTERM for all that a command started, then SIGKILL for who is still there after a while. */
async function endAll(
  leader: number | undefined,
  mark: string,
  graceMilliseconds: number,
): Promise<void> {
  if (leader === undefined) return
  const search = searchMarked(mark)
  const send = async (how: NodeJS.Signals | 0): Promise<boolean> => {
    const inGroup = signal(-leader, how)
    const marked = (await search()).filter((id) => signal(id, how))
    return marked.length > 0 || (inGroup && (await groupLives(leader)))
  }
  if (!(await send('SIGTERM'))) return
  const last = Date.now() + graceMilliseconds
  for (let looks = 0; Date.now() < last; looks += 1) {
    await sleep(growingWait({ first: 20, most: 200, factor: 1.5 }, looks))
    if (!(await send(0))) return
  }
  // Once more for who was just being started by one that is ended.
  for (let times = 0; times < 3 && (await send('SIGKILL')); times += 1) await sleep(20)
}

/** False when nobody is there, in the group of that number if it is negative. */
function signal(id: number, how: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(id, how)
  } catch {
    return false
  }
}

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
