import { runProgram } from '#services/embedded/run-program.ts'
import { bench } from './run.ts'

await runProgram(bench)
