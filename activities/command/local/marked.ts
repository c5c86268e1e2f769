import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'

/** The variable that all processes of one command inherit, whatever group or session they go to. */
export const markVariable = 'SUIRO_COMMAND'

// Read by promises, each process would cost several ways to other threads: on a machine with hundreds of
// them that is a good part of a second, and a kill looks several times.
const readAtOnce = 32

/**
 * A search for the processes that carry a command's mark: also those that made a session of their own or
 * were left by their parents. It finds none where there is no /proc (macOS): there only the process group
 * is known. Searching again looks only at those that were not seen to be somebody else's.
 */
export function searchMarked(mark: string): () => Promise<readonly number[]> {
  const wanted = `${markVariable}=${mark}`
  const others = new Set<string>()
  return async () => {
    const names = await readdir('/proc').catch(() => [])
    const found: number[] = []
    let read = 0
    for (const name of names) {
      if (!/^\d+$/.test(name) || others.has(name)) continue
      if ((read += 1) % readAtOnce === 0) await turn()
      const variables = environmentOf(name)
      if (variables.includes(wanted)) found.push(Number(name))
      // One that has just begun or ended shows nothing.
      else if (variables.length > 0) others.add(name)
    }
    return found
  }
}

/** Of another user's process, or of one that has just ended, there is nothing to read. */
function environmentOf(name: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${name}/environ`, 'latin1')
    return text === '' ? [] : text.split('\0')
  } catch {
    return []
  }
}
