import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

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

/** The command lines of the living processes that hold this text; one that was not collected is not living. */
export async function livingWith(text: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'stat=,args='], {
    maxBuffer: 2 ** 26,
  })
  return stdout.split('\n').filter((line) => line.includes(text) && !/^[ZX]/.test(line))
}
