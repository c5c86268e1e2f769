import { createStorageClient } from '../client.ts'

/** The Cloud Storage engine that the test setup has started. */
export function storageEngine() {
  const apiEndpoint = process.env['TEST_STORAGE_ENDPOINT']
  if (!apiEndpoint) {
    throw new Error('TEST_STORAGE_ENDPOINT is not set: run these tests through npm test')
  }
  return createStorageClient({ projectId: 'suiro-test', apiEndpoint })
}
