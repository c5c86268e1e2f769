/** `_retry` as read: how often a task may run again, and after which wait. */
export interface RetryRule {
  /** Additional runs, so 3 means up to 4 runs. */
  readonly limit: number
  readonly intervalSeconds: number
  readonly growth: 'constant' | 'exponential'
  /** Upper bound of an exponential interval. */
  readonly maxIntervalSeconds?: number
}

/** Seconds to wait before the next run, after `retries` retries were done already (0 for the first). */
export function retryWait(rule: RetryRule, retries: number): number {
  if (rule.growth === 'constant') return rule.intervalSeconds
  const wait = rule.intervalSeconds * 2 ** retries
  return rule.maxIntervalSeconds === undefined ? wait : Math.min(wait, rule.maxIntervalSeconds)
}
