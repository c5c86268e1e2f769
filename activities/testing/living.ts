import { readFile } from 'node:fs/promises'

/** Those of these processes that are alive; one that has ended and was not collected is not. */
export async function livingOf(pids: readonly string[]): Promise<readonly string[]> {
  const living = await Promise.all(
    pids.filter((pid) => pid !== '').map(async (pid) => ((await isLiving(pid)) ? [pid] : [])),
  )
  return living.flat()
}

async function isLiving(pid: string): Promise<boolean> {
  try {
    process.kill(Number(pid), 0)
  } catch {
    return false
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat === undefined || !/^\d+ \(.*\) [ZX] /s.test(stat)
}
