import { isStoreOutage } from '#store/outage.ts'

/**
 * Whether a part of ours is away, so that the same call will do later, however long that takes. Nothing else
 * is repeated without end: what nobody foresaw is the task's failure after a few tries.
 */
export function isOutage(error: unknown): boolean {
  if (isStoreOutage(error)) return true
  return error instanceof Error && error.cause !== undefined && isOutage(error.cause)
}
