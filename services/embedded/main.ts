import { retention } from './retention.ts'
import { runProgram } from './run-program.ts'
import { readSettings } from './settings.ts'
import { start } from './start.ts'
import { test } from './test.ts'

if (import.meta.main) {
  await runProgram(([command = 'start', ...args], print) => {
    switch (command) {
      case 'test':
        return test(args, print)
      case 'retention':
        return retention(args, readSettings(process.env, []), print)
      default:
        return start(readSettings(process.env, args), print)
    }
  })
}
