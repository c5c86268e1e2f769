import { Storage } from '@google-cloud/storage'
import { PassThroughClient } from 'google-auth-library'

export interface StorageSettings {
  readonly projectId: string
  /** Address of a server that speaks Cloud Storage's API; absent for the real service. */
  readonly apiEndpoint?: string
}

/** A Cloud Storage client with application default credentials, or with none for an engine. */
export function createStorageClient({ projectId, apiEndpoint }: StorageSettings): Storage {
  if (apiEndpoint === undefined) return new Storage({ projectId })
  // Without it the client looks for Google's metadata server, which costs seconds where there is none.
  process.env['METADATA_SERVER_DETECTION'] = 'none'
  return new Storage({ projectId, apiEndpoint, authClient: new PassThroughClient() })
}
