import { BigQuery } from '@google-cloud/bigquery'
import { JWT, PassThroughClient } from 'google-auth-library'
import type { JsonObject } from '#workflows/domain/json.ts'

export interface BigQuerySettings {
  readonly projectId: string
  /** Address of an engine that speaks BigQuery's API; absent for the real service. */
  readonly apiEndpoint?: string
  /** Where jobs run unless a task says otherwise. */
  readonly location?: string
  /** A service account's key; absent for application default credentials. */
  readonly credentials?: JsonObject
}

/**
 * A client that never retries by itself: whoever calls it knows whether a second call is harmless,
 * and has heartbeats to send meanwhile.
 */
export function createBigQueryClient(settings: BigQuerySettings): BigQuery {
  const { projectId, apiEndpoint, location, credentials } = settings
  const common = {
    projectId,
    ...(location !== undefined && { location }),
    retryOptions: { autoRetry: false },
  }
  if (apiEndpoint !== undefined) {
    // Without it the client looks for Google's metadata server, which costs seconds where there is none.
    process.env['METADATA_SERVER_DETECTION'] = 'none'
    return new BigQuery({ ...common, apiEndpoint, authClient: new PassThroughClient() })
  }
  if (credentials === undefined) return new BigQuery(common)
  const authClient = new JWT({ scopes: ['https://www.googleapis.com/auth/bigquery'] })
  authClient.fromJSON(credentials)
  return new BigQuery({ ...common, authClient })
}
