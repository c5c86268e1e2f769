import { PageTooLarge } from './errors.ts'
import { maxPageSize } from './schemas/common.ts'

/** How many rows a list answers; more than the limit is refused in Digdag's words. */
export function pageSize(wanted: number | undefined): number {
  if (wanted === undefined) return maxPageSize
  if (wanted > maxPageSize) throw new PageTooLarge(wanted, maxPageSize, maxPageSize)
  return wanted
}
