import { isObject, numericOf, type Json } from '../../domain/json.ts'

/** How the children of a group run. */
export type Parallel =
  | { readonly kind: 'sequence' }
  /** `limit` 0: all at once. */
  | { readonly kind: 'parallel'; readonly limit: number }

/** `_parallel` of a group or of a control operator; a sentence when it is none. */
export function readParallel(value: Json | undefined): Parallel | string {
  if (value === undefined || value === null) return { kind: 'sequence' }
  if (isObject(value)) {
    if (value['limit'] === undefined) return "Parameter 'limit' is required but not set"
    const limit = numericOf(value['limit']) ?? Number(value['limit'] ?? 0)
    if (!Number.isInteger(limit) || limit < 0) {
      return `Expected a whole number for key 'limit' but got ${JSON.stringify(value['limit'])}`
    }
    return { kind: 'parallel', limit }
  }
  const text = typeof value === 'string' ? value.trim() : value
  if (text === true || text === 'true') return { kind: 'parallel', limit: 0 }
  if (text === false || text === 'false') return { kind: 'sequence' }
  return `Expected 'true' or 'false' for key '_parallel' but got ${JSON.stringify(value)}`
}
