import { parseArgs } from 'node:util'
import { runProgram } from '#services/embedded/run-program.ts'
import { bench } from './run.ts'

await runProgram((args, print) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { digdag: { type: 'string' }, rounds: { type: 'string', default: '5' } },
    allowPositionals: true,
  })
  const { digdag, rounds } = values
  return bench(
    { names: positionals, rounds: Number(rounds), ...(digdag === undefined ? {} : { digdag }) },
    print,
  )
})
