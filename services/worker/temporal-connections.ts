import { Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { TemporalSettings } from '#services/shared/settings/temporal.ts'

/** Temporal cannot be used as configured; the message says what to do about it. */
export class TemporalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TemporalError'
  }
}

export interface TemporalConnections {
  readonly connection: Connection
  readonly native: NativeConnection
}

/** Connects to Temporal; throws a TemporalError when it does not answer or has no such namespace. */
export async function connectTemporal(
  { address, namespace, connection: options }: TemporalSettings,
  patienceSeconds = 10,
): Promise<TemporalConnections> {
  let connection: Connection
  try {
    connection = await Connection.connect({ ...options, connectTimeout: patienceSeconds * 1000 })
  } catch (error) {
    throw new TemporalError(
      `Temporal does not answer at ${address}. Start it there, or set TEMPORAL_ADDRESS to where its frontend listens.`,
      { cause: error },
    )
  }
  try {
    await connection.workflowService.describeNamespace({ namespace })
    return { connection, native: await NativeConnection.connect(options) }
  } catch (error) {
    await connection.close()
    const cause = error instanceof Error ? error.message : String(error)
    throw new TemporalError(
      cause.includes('NOT_FOUND')
        ? `Temporal at ${address} has no namespace ${namespace}. Set TEMPORAL_NAMESPACE to one that is there, or make it: temporal operator namespace create --address ${address} --namespace ${namespace}`
        : `Temporal at ${address} does not answer for namespace ${namespace}: ${cause}`,
      { cause: error },
    )
  }
}
