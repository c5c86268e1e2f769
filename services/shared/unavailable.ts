import { isGrpcServiceError } from '@temporalio/client'

// gRPC's DEADLINE_EXCEEDED and UNAVAILABLE.
const unreachable: ReadonlySet<number> = new Set([4, 14])

/** Whether Temporal did not answer at all, as opposed to answering no. */
export function unavailable(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return isGrpcServiceError(cause) && unreachable.has(cause.code)
}
