import type { BigQuery } from '@google-cloud/bigquery'
import { isObject, withPlainNumbers, type JsonObject } from '#workflows/domain/json.ts'
import type { Trouble } from './failure-reasons.ts'

// A silent worker is given up after a minute: no call may take that long without a heartbeat.
const callTimeoutMs = 30_000

/** A call to BigQuery that failed: refused with a status, or lost on the way with a network code. */
export class CallFailure extends Error {
  override readonly name: string = 'CallFailure'
  readonly trouble: Trouble

  constructor(trouble: Trouble) {
    super(trouble.message)
    this.trouble = trouble
  }
}

/** Whether the service refused a call with this status. */
export const isRefusal = (error: unknown, status: number): error is CallFailure =>
  error instanceof CallFailure && error.trouble.status === status

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the project, e.g. `/jobs`. */
  readonly path: string
  readonly projectId: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: JsonObject
}

/** BigQuery's REST API, one call at a time; throws a CallFailure. */
export type BigQueryApi = (call: Call) => Promise<JsonObject>

/** The API through the official client's authentication and transport, without its convenience methods. */
export const createBigQueryApi =
  (client: BigQuery): BigQueryApi =>
  ({ method, path, projectId, query, body }) =>
    new Promise((resolve, reject) => {
      const options = { method, uri: path, projectId, timeout: callTimeoutMs }
      client.request(
        // The client copies what it sends, and exact numbers cannot be copied.
        { ...options, ...(query && { qs: query }), ...(body && { json: withPlainNumbers(body) }) },
        (error, answer: unknown) => {
          if (error) reject(new CallFailure(troubleOf(error)))
          else resolve(isObject(answer) ? answer : {})
        },
      )
    })

/** The client's errors carry the service's own words in several places; the first inner one is the cause. */
function troubleOf(error: Error): Trouble {
  const code = 'code' in error ? error.code : undefined
  const inner: unknown = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : {}
  const { reason, message } = isObject(inner) ? inner : {}
  return {
    message: typeof message === 'string' ? message : error.message,
    ...(typeof reason === 'string' && { reason }),
    ...(typeof code === 'number' && { status: code }),
    ...(typeof code === 'string' && { code }),
  }
}
