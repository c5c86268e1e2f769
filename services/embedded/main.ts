import { checkSettings } from './check-settings.ts'
import { retention } from './retention.ts'
import { runProgram } from './run-program.ts'
import { start } from './start.ts'
import { test } from './test.ts'

if (import.meta.main) {
  await runProgram(async ([command = 'start', ...args], print) => {
    switch (command) {
      case 'test':
        return test(args, print)
      case 'retention':
        return retention(args, process.env, print)
      default:
        return start(await checkSettings(process.env, args), print)
    }
  })
}
