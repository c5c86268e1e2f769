/** An error for people: where in Suiro it was made tells them nothing, and Temporal's UI would show that first. */
export function withoutStack<Failure extends Error>(failure: Failure): Failure {
  failure.stack = ''
  return failure
}
