/**
 * What a process says on standard error when it cannot start: a person reads it, so what they can fix is a
 * sentence, and anything else a stack. Never an error's other properties, which may hold what was sent.
 */
export function startFailure(
  error: unknown,
  fixable: readonly (abstract new (...given: never[]) => Error)[],
): string {
  if (!(error instanceof Error)) return String(error)
  return fixable.some((kind) => error instanceof kind)
    ? error.message
    : (error.stack ?? error.message)
}
