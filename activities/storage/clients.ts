import { createHash } from 'node:crypto'
import type { Storage } from '@google-cloud/storage'
import { parseCredential } from '../bigquery/credential.ts'
import { configError } from '../failure.ts'
import { createStorageClient, type StorageSettings } from './client.ts'

export interface ClientDeps extends Omit<StorageSettings, 'credentials'> {
  /** The worker's own; a task's credential replaces it. */
  readonly client: Storage
}

/** Cloud Storage as a service account, or as the worker itself; cached for the next one who asks. */
export function createClients(deps: ClientDeps): (credential: string | undefined) => Storage {
  const { client, ...settings } = deps
  const clients = new Map<string, Storage>()
  return (credential) => {
    if (credential === undefined) return client
    const key = createHash('sha256').update(credential).digest('hex')
    const known = clients.get(key)
    if (known !== undefined) return known
    const credentials = parseCredential(credential)
    try {
      const made = createStorageClient({ ...settings, credentials })
      clients.set(key, made)
      return made
    } catch (error) {
      throw configError(`Secret 'gcp.credential' cannot be used: ${(error as Error).message}`)
    }
  }
}
