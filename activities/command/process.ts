import { spawn } from 'node:child_process'
import { StringDecoder } from 'node:string_decoder'
import { OperatorError } from '../failure.ts'

export interface Command {
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Whole lines as they come, stdout and stderr together; the last one may lack its end. */
  readonly onOutput: (text: string) => void
  readonly signal: AbortSignal
}

/** Seconds between asking a command to stop and insisting. */
const graceSeconds = 5

/**
 * Runs a command in a process group of its own and answers its exit code. When the signal aborts, the
 * whole group is told to end, then made to, and the abort's reason is thrown.
 */
export async function runCommand(input: Command): Promise<number> {
  const [program = '', ...args] = input.command
  input.signal.throwIfAborted()
  const child = spawn(program, args, {
    cwd: input.cwd,
    env: { ...input.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = lines(input.onOutput)
  child.stdout.on('data', output.take)
  child.stderr.on('data', output.take)

  const killGroup = (how: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, how)
    } catch {
      // The group has ended by itself.
    }
  }
  let insist: NodeJS.Timeout | undefined
  const stop = (): void => {
    killGroup('SIGTERM')
    insist = setTimeout(() => killGroup('SIGKILL'), graceSeconds * 1000)
  }
  input.signal.addEventListener('abort', stop, { once: true })
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => reject(cannotStart(program, error)))
      // A process in the background may hold the pipes open after the command has ended.
      child.once('exit', (exit, signal) => {
        const answer = (): void => resolve(exit ?? 128 + signalNumber(signal))
        const patience = setTimeout(answer, 1000)
        child.once('close', () => {
          clearTimeout(patience)
          answer()
        })
      })
    })
    output.end()
    input.signal.throwIfAborted()
    return code
  } finally {
    clearTimeout(insist)
    input.signal.removeEventListener('abort', stop)
    // What the command left running ends with it, so that nothing outlives the task.
    killGroup('SIGKILL')
  }
}

function cannotStart(program: string, error: NodeJS.ErrnoException): OperatorError {
  if (error.code === 'ENOENT') {
    return new OperatorError(`Cannot run program "${program}": it is not installed on this worker`)
  }
  if (error.code === 'E2BIG') {
    return new OperatorError(
      `Cannot run program "${program}": the parameters are too large for its environment`,
    )
  }
  return new OperatorError(`Cannot run program "${program}": ${error.message}`)
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
}
const signalNumber = (signal: NodeJS.Signals | null): number => signalNumbers[signal ?? ''] ?? 0

/** Cuts a stream of bytes at line ends, so that lines of stdout and stderr do not run into each other. */
function lines(onOutput: (text: string) => void) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    take(chunk: Buffer): void {
      rest += decoder.write(chunk)
      const end = rest.lastIndexOf('\n') + 1
      // A very long line is not held back for its end.
      const cut = end === 0 && rest.length > 65_536 ? rest.length : end
      if (cut === 0) return
      onOutput(rest.slice(0, cut))
      rest = rest.slice(cut)
    },
    end(): void {
      rest += decoder.end()
      if (rest !== '') onOutput(rest)
    },
  }
}
