import { StartError } from './failure.ts'

/** Runs a command of `bootstrap.mjs` to its end; what a person can fix is said in a sentence. */
export async function runProgram(
  program: (
    args: readonly string[],
    print: (line: string) => void,
  ) => Promise<number | undefined | void>,
): Promise<never> {
  try {
    const code = await program(process.argv.slice(2), (line) => {
      process.stdout.write(`${line}\n`)
    })
    if (typeof code === 'number') process.exitCode = code
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error)
    const text = error instanceof StartError ? error.message : stack
    process.stderr.write(`\n${text}\n`)
    process.exitCode = 1
  }
  // Whatever still holds the event loop (a client's idle connection) is of no use any more.
  process.exit()
}
