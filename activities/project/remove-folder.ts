import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Removes a run's folder, also one in which a task has closed folders or has put thousands into one another; says what it cannot remove. */
export async function removeFolder(
  folder: string,
  say: (line: string) => void = (line) => process.emitWarning(line),
): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true }).catch(async () => {
      // What belongs to somebody else stays closed, and the next try reports it.
      await run('chmod', ['-R', 'u+rwX', '--', folder]).catch(() => undefined)
      // The program: Node names files by their whole path, which may be longer than the system takes.
      await run('rm', ['-rf', '--', folder])
    })
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string }
    const [why] = (stderr.trim() || message).split('\n')
    say(`The working folder ${folder} of a task could not be removed (${why}): remove it by hand`)
  }
}
