import { recordHistories } from '#harness/histories/record.ts'
import { bench } from '../../bench/run.ts'
import { StartError } from './failure.ts'
import { readSettings } from './settings.ts'
import { start } from './start.ts'
import { test } from './test.ts'

const [command = 'start', ...args] = process.argv.slice(2)
const print = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  if (command === 'test') process.exitCode = await test(args, print)
  else if (command === 'bench') await bench(args, print)
  else if (command === 'histories') await recordHistories(args, print)
  else await start(readSettings(process.env, args), print)
} catch (error) {
  const stack = error instanceof Error ? error.stack : String(error)
  const text = error instanceof StartError ? error.message : stack
  process.stderr.write(`\n${text}\n`)
  process.exitCode = 1
}
// Whatever still holds the event loop (a client's idle connection) is of no use any more.
process.exit()
