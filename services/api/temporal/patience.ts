import { isGrpcServiceError, type Client } from '@temporalio/client'

const patienceMs = 3_000

/** Gives Temporal a few seconds; a request does not hang when it is down. */
export const withPatience = <Result>(client: Client, ask: () => Promise<Result>): Promise<Result> =>
  client.withDeadline(Date.now() + patienceMs, ask)

// gRPC's DEADLINE_EXCEEDED and UNAVAILABLE.
const unreachable: ReadonlySet<number> = new Set([4, 14])

/** Whether Temporal did not answer at all, as opposed to answering no. */
export function unavailable(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return isGrpcServiceError(cause) && unreachable.has(cause.code)
}
