import { Storage } from '@google-cloud/storage'
import { JWT, PassThroughClient } from 'google-auth-library'
import type { JsonObject } from '#workflows/domain/json.ts'

export interface StorageSettings {
  readonly projectId: string
  /** Address of a server that speaks Cloud Storage's API; absent for the real service. */
  readonly apiEndpoint?: string
  /** A service account's key; absent for application default credentials. */
  readonly credentials?: JsonObject
}

/** A Cloud Storage client in the name of whose key is given, of the process itself, or of nobody for an engine. */
export function createStorageClient(settings: StorageSettings): Storage {
  const { projectId, apiEndpoint, credentials } = settings
  if (apiEndpoint === undefined) {
    if (credentials === undefined) return new Storage({ projectId })
    const scopes = ['https://www.googleapis.com/auth/devstorage.read_only']
    const authClient = new JWT({ scopes })
    authClient.fromJSON(credentials)
    return new Storage({ projectId, authClient })
  }
  // Without it the client looks for Google's metadata server, which costs seconds where there is none.
  process.env['METADATA_SERVER_DETECTION'] = 'none'
  return new Storage({ projectId, apiEndpoint, authClient: new PassThroughClient() })
}
