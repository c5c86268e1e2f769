import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Removes a run's folder, also one in which a task has closed folders; says what it cannot remove. */
export async function removeFolder(
  folder: string,
  say: (line: string) => void = console.warn,
): Promise<void> {
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await remove().catch(async () => {
      // What belongs to somebody else stays closed, and the next try tells of it.
      await run('chmod', ['-R', 'u+rwX', '--', folder]).catch(() => undefined)
      await remove()
    })
  } catch (error) {
    say(
      `The working folder ${folder} of a task could not be removed (${(error as Error).message}): remove it by hand`,
    )
  }
}
