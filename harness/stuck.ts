import { Connection } from '@temporalio/client'
import type { Stack } from '#harness/stack/stack.ts'
import { temporalIdOf } from '#harness/stack/temporal-id.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'

const mostWorkflows = 8
const lastEvents = 8

/** What an attempt that does not end looks like, in PostgreSQL and in Temporal: for whoever looks for the reason. */
export async function describeStuck(
  stack: Pick<Stack, 'query' | 'env'>,
  attemptId: string,
): Promise<string> {
  const states = await stack.query<{ state: string; count: string; changed: Date }>(
    `select state, count(*), max(updated_at) as changed from tasks where attempt_id = $1
    group by state order by state`,
    [attemptId],
  )
  const [attempt] = await stack.query(
    'select created_at, cancel_requested, stalled, finished_at from attempts where id = $1',
    [attemptId],
  )
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  try {
    const client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
    const lines: string[] = []
    const root = await temporalIdOf(stack, attemptId)
    const query = `ExecutionStatus = 'Running' and WorkflowId STARTS_WITH ${JSON.stringify(root)}`
    for await (const { workflowId, historyLength } of client.workflow.list({ query })) {
      if (workflowId !== root && !workflowId.startsWith(`${root}/`)) continue
      if (lines.length === mostWorkflows) {
        lines.push('and more')
        break
      }
      const handle = client.workflow.getHandle(workflowId)
      const { raw } = await handle.describe()
      const { events = [] } = await handle.fetchHistory()
      lines.push(
        `${workflowId}: ${historyLength} events, ${raw.pendingActivities?.length ?? 0} activities, ${raw.pendingChildren?.length ?? 0} children pending, workflow task ${JSON.stringify(raw.pendingWorkflowTask ?? null)}, last ${(events ?? []).slice(-lastEvents).map(nameOf).join(' ')}`,
      )
    }
    const counts = states.map(
      ({ state, count, changed }) => `${count} ${state} (${changed.toISOString()})`,
    )
    return [JSON.stringify(attempt), counts.join(', '), ...lines].join('\n')
  } finally {
    await connection.close()
  }
}

const nameOf = (event: object): string => {
  const [id, kind] = [
    'eventId' in event ? String(event.eventId) : '',
    Object.keys(event).find((key) => key.endsWith('Attributes')) ?? '',
  ]
  return `${id}:${kind.replace('EventAttributes', '')}`
}
