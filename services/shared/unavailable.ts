import { status } from '@grpc/grpc-js'
import { isGrpcServiceError } from '@temporalio/client'

const unreachable: ReadonlySet<number> = new Set([status.DEADLINE_EXCEEDED, status.UNAVAILABLE])

/** Whether Temporal did not answer at all, as opposed to answering no. */
export function unavailable(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return isGrpcServiceError(cause) && unreachable.has(cause.code)
}
