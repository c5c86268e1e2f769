import type { Client } from '@temporalio/client'
import type { Pool } from 'pg'

/** What `/readyz` asks; each throws a sentence when its part does not answer. */

export async function checkDatabase(pool: Pick<Pool, 'query'>): Promise<void> {
  try {
    await pool.query('select 1')
  } catch (error) {
    throw new Error(`PostgreSQL does not answer: ${String(error)}`, { cause: error })
  }
}

export async function checkTemporal(client: Client, address: string): Promise<void> {
  const { namespace } = client.options
  try {
    await client.withDeadline(Date.now() + 2_000, () =>
      client.connection.workflowService.describeNamespace({ namespace }),
    )
  } catch (error) {
    throw new Error(`Temporal at ${address} does not answer for namespace ${namespace}`, {
      cause: error,
    })
  }
}
