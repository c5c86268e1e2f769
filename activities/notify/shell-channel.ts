import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { OperatorError } from '../failure.ts'
import { linkSignals } from '../linked-signal.ts'
import type { Notification } from './notification.ts'
import type { ShellChannel } from './settings.ts'

/** Runs a command with the notification as JSON on its input; throws when it fails or takes too long. */
export async function sendByShell(
  { command, timeoutMilliseconds }: ShellChannel,
  notification: Notification,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted()
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: environment(),
    detached: true,
  })
  const timeout = AbortSignal.timeout(timeoutMilliseconds)
  const ending = linkSignals(signal, timeout)
  const stop = (): void => endGroup(child.pid)
  ending.signal.addEventListener('abort', stop, { once: true })
  try {
    // A command that reads nothing closes its input early, which is no failure of it.
    child.stdin.on('error', () => undefined)
    child.stdin.end(JSON.stringify(notification))
    const [code] = (await once(child, 'exit')) as [number | null]
    signal.throwIfAborted()
    if (timeout.aborted) {
      throw new OperatorError(`Notification shell command timed out: ${command}`)
    }
    if (code !== 0) {
      throw new OperatorError(
        `Notification shell command failed: ${command}, exit code = ${code ?? 'none'}`,
      )
    }
    return 'a shell command'
  } finally {
    ending.release()
    stop()
  }
}

/** The worker's, in which the command finds its own tokens, without what is Suiro's alone. */
function environment(): Record<string, string | undefined> {
  const own = ([name]: [string, unknown]): boolean =>
    name === 'DATABASE_URL' || name.startsWith('SUIRO_')
  return Object.fromEntries(Object.entries(process.env).filter((entry) => !own(entry)))
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // The group has gone.
  }
}
