import { Connection } from '@temporalio/client'
import type { Stack } from './stack.ts'
import { temporalIdOf } from './temporal-id.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'

/** Events in the history of each workflow that an attempt was made of. */
export async function historyLengths(stack: Stack, attemptId: string): Promise<readonly number[]> {
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  try {
    const client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
    const root = await temporalIdOf(stack, attemptId)
    const { historyLength } = await client.workflow.getHandle(root).describe()
    const lengths = [historyLength]
    const query = `WorkflowId STARTS_WITH ${JSON.stringify(`${root}/`)}`
    for await (const branch of client.workflow.list({ query })) lengths.push(branch.historyLength)
    return lengths
  } finally {
    await connection.close()
  }
}
