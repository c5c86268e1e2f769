/**
 * What BigQuery's reasons ask of us. `again`: the service had a bad moment. `slowly`: the same, with
 * longer waits. `never`: doing it again would end the same way, or cost money without a question.
 */
export type Advice = 'again' | 'slowly' | 'never'

const adviceByReason: Readonly<Record<string, Advice>> = {
  backendError: 'again',
  internalError: 'again',
  badGateway: 'again',
  jobBackendError: 'again',
  jobInternalError: 'again',
  rateLimitExceeded: 'slowly',
  jobRateLimitExceeded: 'slowly',
  tableUnavailable: 'slowly',
  resourceInUse: 'slowly',

  accessDenied: 'never',
  attributeError: 'never',
  badRequest: 'never',
  billingNotEnabled: 'never',
  billingTierLimitExceeded: 'never',
  blocked: 'never',
  bytesBilledLimitExceeded: 'never',
  duplicate: 'never',
  invalid: 'never',
  invalidQuery: 'never',
  invalidUser: 'never',
  notFound: 'never',
  notImplemented: 'never',
  proxyAuthenticationRequired: 'never',
  // A long-term limit: it does not go away within a task's patience.
  quotaExceeded: 'never',
  resourcesExceeded: 'never',
  responseTooLarge: 'never',
  // Somebody canceled the job, or its time was up.
  stopped: 'never',
  timeout: 'never',
}

// These collisions are reported as an invalid query although the query is right: two of BigQuery's, and
// one of the embedded engine, whose first jobs make something that they share.
const collision =
  /Exceeded rate limits: too many table update operations|Could not serialize access .*concurrent update|Catalog write-write conflict/s

const adviceByStatus = (status: number): Advice => {
  if (status === 429) return 'slowly'
  return status === 408 || status >= 500 ? 'again' : 'never'
}

const networkCodes: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ESOCKETTIMEDOUT',
  'ETIMEDOUT',
])

/** What went wrong with a call or with a job, in BigQuery's own terms. */
export interface Trouble {
  readonly message: string
  readonly reason?: string
  /** HTTP status of a call that was answered. */
  readonly status?: number
  /** Network error of a call that was not. */
  readonly code?: string
}

/** Whether to try again, read from the reason first: BigQuery's HTTP status says less. */
export function advice({ message, reason, status, code }: Trouble): Advice {
  if (collision.test(message)) return 'slowly'
  const known = reason === undefined ? undefined : adviceByReason[reason]
  if (known !== undefined) return known
  if (status !== undefined) return adviceByStatus(status)
  return code !== undefined && networkCodes.has(code) ? 'again' : 'never'
}
