import { readdir, readFile } from 'node:fs/promises'

/** How a process of ours is. */
export interface Vitals {
  readonly pid: number
  readonly residentMiB: number
  readonly handles: number
}

/** Undefined when there is no such process any more. */
export async function vitalsOf(pid: number): Promise<Vitals | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
    const handles = (await readdir(`/proc/${pid}/fd`)).length
    return { pid, residentMiB: Math.round(kilobytes / 1024), handles }
  } catch {
    return undefined
  }
}

/** Ids of living processes whose environment has this variable. */
export async function processesWith(variable: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
      return environment.split('\0').includes(variable) ? [pid] : []
    }),
  )
  return found.flat()
}
