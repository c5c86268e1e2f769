import { parseArgs } from 'node:util'
import { UsageError } from '#services/embedded/failure.ts'
import { runProgram } from '#services/embedded/run-program.ts'
import { options } from './options.mjs'
import { bench } from './run.ts'

await runProgram((args, print) => {
  const { values, positionals: names } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
  })
  const { digdag } = values
  const rounds = Number(values.rounds ?? 5)
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds must be a whole number from 1 on, but is "${values.rounds}"`)
  }
  if (digdag !== undefined && !/^https?:\/\/[^/\s]/.test(digdag)) {
    throw new UsageError('--digdag must be an address such as http://127.0.0.1:65439')
  }
  return bench({ names, rounds, ...(digdag === undefined ? {} : { digdag }) }, print)
})
