import { ConfigError } from './config-error.ts'

/** For a launcher that wants to know before it starts anything: what is wrong with a process's settings, as JSON. */
export function sayMistakes(read: () => unknown): void {
  process.stdout.write(JSON.stringify(mistakesOf(read)))
}

function mistakesOf(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}
