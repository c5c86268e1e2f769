import type { ChildProcess } from 'node:child_process'
import { signalGroup } from './signal-group.ts'

const living = new Map<ChildProcess, NodeJS.Signals>()

/**
 * The last net: whatever way this process ends, an error that nobody foresaw included, what it started in groups
 * of their own ends too. Only SIGKILL leaves no time for it; the ledger is for that.
 */
export function endWithUs(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (living.size === 0) process.once('exit', endAll)
  living.set(child, signal)
  const gone = (): void => {
    living.delete(child)
    if (living.size === 0) process.off('exit', endAll)
  }
  child.once('exit', gone).once('error', gone)
}

function endAll(): void {
  for (const [{ pid }, signal] of living) signalGroup(pid, signal)
}
