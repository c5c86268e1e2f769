import { readdir, readFile } from 'node:fs/promises'
import { platform } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** Says which processes of a group a command left running when it ended; undefined when there are none. */
export async function leftRunning(group: number | undefined): Promise<string | undefined> {
  if (group === undefined || !(await isThere(group))) return undefined
  const names = platform() === 'linux' ? await namesIn(group) : ['a process']
  if (names.length === 0) return undefined
  return `left running in the background and ended with the task: ${names.join(', ')}. What must go on after a task has to be started by something else than a task`
}

/** Who closes the output last may take a moment to be gone. */
async function isThere(group: number): Promise<boolean> {
  for (let look = 0; look < 5; look += 1) {
    try {
      process.kill(-group, 0)
    } catch {
      return false
    }
    await sleep(20)
  }
  return true
}

/** Names alone: arguments may hold secrets. Those that have ended and were not collected do not count. */
async function namesIn(group: number): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const names = await Promise.all(
    ids.map(async (id) => {
      const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')
      const found = /^\d+ \((?<name>.*)\) (?<state>\S) \d+ (?<group>\d+) /s.exec(text)?.groups
      return found !== undefined && Number(found['group']) === group && found['state'] !== 'Z'
        ? `${found['name']} (process ${id})`
        : undefined
    }),
  )
  return names.filter((name) => name !== undefined)
}
