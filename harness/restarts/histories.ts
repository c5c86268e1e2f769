import { Connection, type WorkflowHandle } from '@temporalio/client'
import type { Stack } from '#harness/stack/stack.ts'
import { temporalIdOf } from '#harness/stack/temporal-id.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'

export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>

export interface NamedHistory {
  readonly workflowId: string
  readonly history: History
}

/** The histories of all workflows that an attempt was made of. */
export async function historiesOf(
  stack: Stack,
  attemptId: string,
): Promise<readonly NamedHistory[]> {
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  try {
    const client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
    const found: NamedHistory[] = []
    const look = async (workflowId: string): Promise<void> => {
      const history = await client.workflow.getHandle(workflowId).fetchHistory()
      found.push({ workflowId, history })
      for (const event of history.events ?? []) {
        const child = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution
        if (child?.workflowId) await look(child.workflowId)
      }
    }
    await look(await temporalIdOf(stack, attemptId))
    return found
  } finally {
    await connection.close()
  }
}

/** The history as workers find it that take over: up to the start of each workflow task, and to its end. */
export function prefixes({ events }: History): readonly History[] {
  const all = events ?? []
  const starts = all.flatMap((event, place) =>
    event.workflowTaskStartedEventAttributes ? [place + 1] : [],
  )
  return [...new Set([...starts, all.length])].map((length) => ({ events: all.slice(0, length) }))
}
