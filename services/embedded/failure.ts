/** Something the user can fix: one sentence what is wrong, one how to fix it. No stack is shown. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
}

/** A command line that cannot be understood; the process ends with 2, as commands do. */
export class UsageError extends StartError {
  override readonly name = 'UsageError'
}
