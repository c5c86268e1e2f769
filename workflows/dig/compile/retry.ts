import { isObject, numericOf, textOf, type Json } from '../../domain/json.ts'
import type { RetryRule } from '../../domain/retry.ts'

/**
 * `_retry` as a rule (docs/language.md#retry): a number, a text of one, or a mapping with `limit`. Answers a
 * sentence that says what is wrong when it is neither.
 */
export function readRetry(value: Json): RetryRule | string {
  const plain = readInteger(value)
  if (plain !== undefined) return { limit: plain, intervalSeconds: 0, growth: 'constant' }
  if (!isObject(value)) return `Invalid _retry: ${JSON.stringify(value)}`

  const limit = readInteger(value['limit'])
  if (limit === undefined) return "Parameter 'limit' is required but not set"
  const interval = value['interval'] === undefined ? 0 : readInteger(value['interval'])
  if (interval === undefined) return `Invalid interval: ${JSON.stringify(value['interval'])}`
  const growth = textOf(value['interval_type'] ?? 'constant').toLowerCase()
  if (growth !== 'constant' && growth !== 'exponential') {
    return `Invalid retry_interval_type: ${JSON.stringify(value['interval_type'])}`
  }
  const longest =
    value['max_interval'] === undefined ? undefined : readInteger(value['max_interval'])
  return {
    limit,
    intervalSeconds: interval,
    growth,
    ...(longest === undefined ? {} : { maxIntervalSeconds: longest }),
  }
}

/** A whole number, or a text of one. */
function readInteger(value: Json | undefined): number | undefined {
  const number = numericOf(value)
  if (number !== undefined) return Math.trunc(number)
  if (typeof value !== 'string' || !/^\s*[-+]?\d+\s*$/.test(value)) return undefined
  return Number(value)
}
