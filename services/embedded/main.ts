import { runProgram } from './run-program.ts'
import { readSettings } from './settings.ts'
import { start } from './start.ts'
import { test } from './test.ts'

await runProgram(([command = 'start', ...args], print) =>
  command === 'test' ? test(args, print) : start(readSettings(process.env, args), print),
)
