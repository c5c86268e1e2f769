import { growingWait } from './growing-wait.ts'

/** `_retry` as read: how often a task may run again, and after which wait. */
export interface RetryRule {
  /** Additional runs, so 3 means up to 4 runs. */
  readonly limit: number
  readonly intervalSeconds: number
  readonly growth: 'constant' | 'exponential'
  /** Upper bound of an exponential interval. */
  readonly maxIntervalSeconds?: number
}

/** Nothing waits longer, in seconds: a hundred years. Later times are none that a clock can show. */
export const longestWait = 36_525 * 86_400

/** Seconds to wait before the next run, after `retries` retries were done already (0 for the first). */
export function retryWait(rule: RetryRule, retries: number): number {
  const { intervalSeconds, growth, maxIntervalSeconds = longestWait } = rule
  const wait =
    growth === 'constant'
      ? intervalSeconds
      : growingWait({ first: intervalSeconds, most: maxIntervalSeconds }, retries)
  return Math.min(Math.max(wait, 0), longestWait)
}
