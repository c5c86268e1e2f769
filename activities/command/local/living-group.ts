import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'

const readAtOnce = 32

/**
 * Whether a process of a group lives. Those that have ended and were left by their parents stay in it until
 * the first process collects them, which takes a second or two, and for ever where that one does not care.
 * Where there is no /proc (macOS) nobody knows, and they count as living.
 */
export async function groupLives(leader: number): Promise<boolean> {
  const names = await readdir('/proc').catch(() => undefined)
  if (names === undefined) return true
  let read = 0
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue
    if ((read += 1) % readAtOnce === 0) await turn()
    const { state, group } = standingOf(name)
    if (group === leader && state !== 'Z' && state !== 'X') return true
  }
  return false
}

/** `pid (program) state parent group …`; the program's name may hold anything. */
function standingOf(name: string): { readonly state?: string; readonly group?: number } {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: state ?? '', group: Number(group) }
  } catch {
    return {}
  }
}
