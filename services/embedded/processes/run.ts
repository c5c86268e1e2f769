import { spawn } from 'node:child_process'
import { StartError } from '../failure.ts'

/** Runs a command to its end and answers what it printed; a StartError says what went wrong. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly what: string; readonly advice: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const child = spawn(command, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const end = await new Promise<string | number | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', resolve)
  })
  if (end === 0) return output
  const tail = output
    .trim()
    .split('\n')
    .slice(-3)
    .map((line) => `    ${line}`)
  throw new StartError(
    [`${options.what} failed (${end ?? 'killed'}).`, ...tail, options.advice].join('\n'),
  )
}
