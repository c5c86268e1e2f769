import { setTimeout as sleep } from 'node:timers/promises'
import { growingWait } from '#workflows/domain/growing-wait.ts'
import { groupLives } from './living-group.ts'
import { findMarked } from './marked.ts'

/** The processes of one command: its group, and what carries its mark wherever it went. */
export interface CommandProcesses {
  /** Undefined where it is not known: then its mark alone finds them. */
  readonly leader: number | undefined
  readonly mark: string
}

/** SIGTERM for all that a command started, then SIGKILL for who is still there after a while. */
export async function endAll(
  { leader, mark }: CommandProcesses,
  graceMilliseconds: number,
): Promise<void> {
  const send = async (how: NodeJS.Signals | 0): Promise<boolean> => {
    const inGroup = leader !== undefined && signal(-leader, how)
    const marked = (await findMarked(mark)).filter((id) => signal(id, how))
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
