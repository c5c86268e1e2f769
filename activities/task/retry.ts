import { readRetry as readRule } from '#workflows/dig/index.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import { retryWait, type RetryRule } from '#workflows/domain/retry.ts'
import { configError } from '../failure.ts'

/** An operator's own `_retry`, with what was `${…}` in it evaluated. */
export function readRetry(params: JsonObject): RetryRule | undefined {
  const value = params['_retry']
  if (value === undefined) return undefined
  const rule = readRule(value)
  if (typeof rule === 'string') throw configError(rule)
  return rule
}

/** Seconds to wait before the next try; undefined when no try is left. */
export function nextTry(rule: RetryRule | undefined, retries: number): number | undefined {
  return rule === undefined || retries >= rule.limit ? undefined : retryWait(rule, retries)
}
