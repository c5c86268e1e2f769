import { closeSync, openSync, readSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { createSharedLook } from './shared-look.ts'

/** The variable that all processes of one command inherit, whatever group or session they go to. */
export const markVariable = 'SUIRO_COMMAND'

// Read by promises, each process would cost several ways to other threads: on a machine with hundreds of
// them that is a good part of a second, and a kill looks several times.
const readAtOnce = 32

/**
 * The processes that carry a command's mark: also those that made a session of their own or were left by their parents.
 * None where there is no /proc (macOS): there only the process group is known.
 */
export async function findMarked(mark: string): Promise<readonly number[]> {
  const marked = await lookThrough()
  return marked.get(mark) ?? []
}

/** All marks that there are, with their processes: commands that end at about the same time are looked for together. */
const lookThrough = createSharedLook(async () => {
  const marked = new Map<string, number[]>()
  let read = 0
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue
    if ((read += 1) % readAtOnce === 0) await turn()
    const mark = markIn(environmentOf(name))
    if (mark !== undefined) marked.set(mark, [...(marked.get(mark) ?? []), Number(name)])
  }
  return marked
})

const variable = Buffer.from(`${markVariable}=`)

function markIn(environment: Buffer): string | undefined {
  for (
    let at = environment.indexOf(variable);
    at !== -1;
    at = environment.indexOf(variable, at + 1)
  ) {
    // The name of another variable may end like this.
    if (at > 0 && environment[at - 1] !== 0) continue
    const end = environment.indexOf(0, at)
    return environment.toString('latin1', at + variable.length, end === -1 ? undefined : end)
  }
  return undefined
}

/** Where environments are read into; of a size that few need more than. */
let room = Buffer.allocUnsafe(32 * 1024)
const nothing = Buffer.alloc(0)

/** Of a process; nothing where it has just begun or ended, or is not ours to read. Valid until the next one is read. */
function environmentOf(name: string): Buffer {
  let file: number | undefined
  try {
    file = openSync(`/proc/${name}/environ`, 'r')
    let length = 0
    for (;;) {
      if (length === room.length) room = Buffer.concat([room, Buffer.allocUnsafe(room.length)])
      const bytes = readSync(file, room, length, room.length - length, null)
      if (bytes === 0) return room.subarray(0, length)
      length += bytes
    }
  } catch {
    return nothing
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
