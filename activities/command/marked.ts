import { readdir, readFile } from 'node:fs/promises'

/** The variable that all processes of one command inherit, whatever group or session they go to. */
export const markVariable = 'SUIRO_COMMAND'

/**
 * Ids of the processes that carry a command's mark: also those that made a session of their own or were
 * left by their parents. Empty where there is no /proc (macOS): there only the process group is known.
 */
export async function markedProcesses(mark: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => [])
  const wanted = `${markVariable}=${mark}`
  const ids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    ids.map(async (id) => {
      // Of another user's process, or of one that has just ended, there is nothing to read.
      const environment = await readFile(`/proc/${id}/environ`, 'latin1').catch(() => '')
      return environment.split('\0').includes(wanted) ? [id] : []
    }),
  )
  return found.flat()
}
