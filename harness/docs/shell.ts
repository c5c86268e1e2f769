import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What one `curl` of a block was answered. */
export interface Said {
  readonly status: number
  readonly text: string
}

/** Runs blocks of a page as they are, one after the other in one folder; throws where a command fails. */
export type Shell = (block: string) => Promise<readonly Said[]>

const mark = /\n==> (\d{3})\n/

export async function createShell(folder: string): Promise<Shell> {
  // curl reads it at each call: so the status of each answer is known, and no block has to say that it is wanted.
  const settings = ['write-out = "\\n==> %{http_code}\\n"', 'noproxy = "*"']
  await writeFile(join(folder, '.curlrc'), `${settings.join('\n')}\n`)
  const env = { ...process.env, HOME: folder, CURL_HOME: folder, XDG_CONFIG_HOME: folder }
  return async (block) => {
    const { stdout } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', block], {
      cwd: folder,
      env,
      timeout: 120_000,
    })
    const parts = stdout.split(mark)
    return parts.flatMap((text, index) =>
      index % 2 === 0 && parts[index + 1] !== undefined
        ? [{ text, status: Number(parts[index + 1]) }]
        : [],
    )
  }
}
