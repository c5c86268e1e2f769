import { runProgram } from '#services/embedded/run-program.ts'
import { recordHistories } from './record.ts'

await runProgram(recordHistories)
