import { StartError, UsageError } from './failure.ts'

const endings = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** Runs a command of `bootstrap.mjs` to its end; what a person can fix is said in a sentence. */
export async function runProgram(
  program: (
    args: readonly string[],
    print: (line: string) => void,
  ) => Promise<number | undefined | void>,
): Promise<never> {
  // A terminal that was closed takes no more lines; what runs is stopped all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  try {
    const code = await program(process.argv.slice(2), (line) => {
      process.stdout.write(`${line}\n`)
    })
    if (typeof code === 'number') process.exitCode = code
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error)
    const text = error instanceof StartError ? error.message : stack
    process.stderr.write(`\n${text}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
  // Whatever still holds the event loop (a client's idle connection) is of no use any more.
  process.exit()
}

/** For a program that has nothing to finish: a signal, or the end of who started it, ends it with all its parts. */
export function endOnSignal(): void {
  for (const [signal, code] of Object.entries(endings)) process.on(signal, () => process.exit(code))
  process.once('disconnect', () => process.exit(1))
}
