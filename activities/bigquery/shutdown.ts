import { CancelledFailure } from '@temporalio/common'

/**
 * Whether a task was interrupted so that another worker goes on with it (its worker shuts down, or
 * Temporal counts this try as lost), rather than killed. Work in the outside world then stays.
 */
export const isShutdown = (reason: unknown): boolean =>
  reason instanceof CancelledFailure && reason.message !== 'CANCELLED'
