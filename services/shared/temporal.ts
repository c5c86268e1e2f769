import { fileURLToPath } from 'node:url'
import { Client, type ConnectionLike } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'

/**
 * How payloads are written and read, by every client, worker and replay; bundles of workflows have the same converter
 * built in. An object of its own, so that encryption (a payload codec) will have one place.
 */
export const dataConverter = {
  payloadConverterPath: fileURLToPath(
    import.meta.resolve('#workflows/temporal/payload-converter.ts'),
  ),
} satisfies DataConverter

/** The one way to a client, so that all of them read and write payloads alike. */
export const createTemporalClient = (connection: ConnectionLike, namespace = 'default'): Client =>
  new Client({ connection, namespace, dataConverter })
