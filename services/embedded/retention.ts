import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { handOver, readFiles } from '#services/shared/hand-over.ts'
import { databaseUrl } from './parts/postgres.ts'
import type { Variables } from './service-env.ts'
import { readSettings, wrongSettings } from './settings.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** `npm run retention`: on the database that DATABASE_URL names, else on that of `npm start`, while it runs. */
export async function retention(
  args: readonly string[],
  environment: Variables,
  print: (line: string) => void,
): Promise<number> {
  const given = { ...environment }
  const mistakes = readFiles(given)
  if (mistakes.length > 0) throw wrongSettings(mistakes)
  const url = await databaseUrl(readSettings(given, []))
  const { env, input } = handOver({ ...given, DATABASE_URL: url })
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
