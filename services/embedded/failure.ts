/** Something the user can mend: one sentence what is wrong, one how to mend it. No stack is shown. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
