import { isStoreOutage } from '#store/outage.ts'
import { CommitInDoubtError } from '../commit-in-doubt.ts'

/**
 * Whether a part of ours is away, so that the same call will do later, however long that takes. Nothing else
 * is repeated without end: what nobody foresaw is the task's failure after a few tries. Whether a `pg>` has
 * committed, its next call finds out.
 */
export function isOutage(error: unknown): boolean {
  if (isStoreOutage(error) || error instanceof CommitInDoubtError) return true
  return error instanceof Error && error.cause !== undefined && isOutage(error.cause)
}
