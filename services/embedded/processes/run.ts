import { spawn } from 'node:child_process'
import { StartError } from '../failure.ts'
import { endWithUs } from './end-with-us.ts'
import { signalGroup } from './signal-group.ts'

interface RunOptions {
  readonly what: string
  readonly advice: string
  readonly env?: NodeJS.ProcessEnv
  /** Ends it, with all that it started. */
  readonly signal?: AbortSignal | undefined
}

/** Runs a command to its end and answers what it printed; a StartError says what went wrong. */
export async function run(
  command: string,
  args: readonly string[],
  { what, advice, env = process.env, signal }: RunOptions,
): Promise<string> {
  signal?.throwIfAborted()
  // In a group of its own: Ctrl-C reaches only us, and what we end takes along what it has started.
  const child = spawn(command, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    detached: true,
  })
  endWithUs(child)
  const onAbort = (): void => signalGroup(child.pid, 'SIGTERM')
  signal?.addEventListener('abort', onAbort)
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const end = await new Promise<string | number | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', resolve)
  })
  signal?.removeEventListener('abort', onAbort)
  signal?.throwIfAborted()
  if (end === 0) return output
  const tail = output
    .trim()
    .split('\n')
    .slice(-3)
    .map((line) => `    ${line}`)
  throw new StartError([`${what} failed (${end ?? 'killed'}).`, ...tail, advice].join('\n'))
}
