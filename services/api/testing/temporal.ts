import { randomBytes } from 'node:crypto'
import { type Client, Connection, type ScheduleHandle } from '@temporalio/client'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { msToTs } from '@temporalio/common/lib/time.js'
import type { Store } from '#store/index.ts'
import { temporalScheduleId } from '#workflows/contract.ts'
import type { ScheduleId } from '#workflows/domain/ids.ts'
import { registerSearchAttributes } from '#services/shared/search-attributes.ts'

export interface TestTemporal {
  readonly client: Client
  close(): Promise<void>
}

/** A namespace of its own on the real Temporal server that the test setup started. */
export async function createTestTemporal(): Promise<TestTemporal> {
  const address = process.env['TEST_TEMPORAL_ADDRESS']
  if (address === undefined) {
    throw new Error('TEST_TEMPORAL_ADDRESS is not set: run the tests with npm test')
  }
  const connection = await Connection.connect({ address })
  const namespace = `test-${randomBytes(8).toString('hex')}`
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  })
  const client = createTemporalClient(connection, namespace)
  await eventually(() => registerSearchAttributes(client))
  return { client, close: () => connection.close() }
}

/** A schedule in Temporal, by the id that the API knows. */
export async function scheduleIn(
  { store, client }: { readonly store: Store; readonly client: Client },
  id: string | number,
): Promise<ScheduleHandle> {
  const named = await store.schedules.named(Number(id) as ScheduleId)
  if (named === undefined) throw new Error(`Schedule ${id} is not there`)
  return client.schedule.getHandle(temporalScheduleId(named))
}

/** Repeats until it does not throw any more; a namespace takes a moment to be known everywhere. */
export async function eventually<Result>(ask: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
