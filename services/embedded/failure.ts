/** Something the user can fix: one sentence what is wrong, one how to fix it. No stack is shown. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
