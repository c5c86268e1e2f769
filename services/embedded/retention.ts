import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { handOver } from '#services/shared/hand-over.ts'
import { databaseUrl } from './parts/postgres.ts'
import type { Settings } from './settings.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** `npm run retention`: on the database that DATABASE_URL names, else on that of `npm start`, while it runs. */
export async function retention(
  args: readonly string[],
  settings: Settings,
  print: (line: string) => void,
): Promise<number> {
  const { env, input } = handOver({ ...process.env, DATABASE_URL: await databaseUrl(settings) })
  const program = ['services/worker/retention/main.ts', ...args]
  const child = spawn(process.execPath, program, {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(input)
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')])
  print(printed.trimEnd())
  return child.exitCode ?? 1
}
