import { Connection } from '@temporalio/client'
import type { Stack } from '#harness/stack/stack.ts'
import { temporalIdOf } from '#harness/stack/temporal-id.ts'
import { createTemporalClient } from '#services/shared/temporal.ts'
import { readTemporalSettings } from '#services/shared/settings/temporal.ts'

/** What one attempt took. */
export interface Took {
  readonly tasks: number
  /** From the moment it was accepted to its end, by PostgreSQL's clock. */
  readonly milliseconds: number
  /** Of all workflows that it was made of, the one with the most events. */
  readonly largestHistory: { readonly events: number; readonly bytes: number }
}

/** Attempts that are measured, each in a project of its own. */
export interface Attempts {
  run(dig: string): Promise<Took>
  close(): Promise<void>
}

const longestMinutes = 20

export async function createAttempts(stack: Stack): Promise<Attempts> {
  const connection = await Connection.connect(readTemporalSettings(stack.env, []).connection)
  const client = createTemporalClient(connection, stack.env['TEMPORAL_NAMESPACE'])
  let projects = 0

  const largestHistory = async (id: string): Promise<Took['largestHistory']> => {
    let largest = { events: 0, bytes: 0 }
    const root = await temporalIdOf(stack, id)
    const query = `WorkflowId STARTS_WITH ${JSON.stringify(root)}`
    for await (const { workflowId, historyLength, historySize } of client.workflow.list({
      query,
    })) {
      const own = workflowId === root || workflowId.startsWith(`${root}/`)
      if (own && historyLength > largest.events) {
        largest = { events: historyLength, bytes: historySize ?? 0 }
      }
    }
    return largest
  }

  return {
    async run(dig) {
      projects += 1
      const project = `bench-${projects}`
      const pushed = await stack.api.push(project, { 'measured.dig': dig })
      if (pushed.status !== 200) throw new Error(JSON.stringify(pushed.body))
      const started = await stack.api.start(project, 'measured', '2001-01-05T00:00:00Z')
      const id = String(started.body['id'])
      const { status } = await stack.api.finished(id, longestMinutes * 60)
      if (status !== 'success') throw new Error(`A measured attempt ended as ${status}:\n${dig}`)
      const [row] = await stack.query<{ tasks: number; milliseconds: number }>(
        `select extract(epoch from a.finished_at - a.created_at)::float * 1000 as milliseconds,
          (select count(*)::int from tasks t where t.attempt_id = a.id) as tasks
        from attempts a where a.id = $1`,
        [id],
      )
      if (row === undefined) throw new Error(`Attempt ${id} is not there`)
      return { ...row, largestHistory: await largestHistory(id) }
    },
    close: () => connection.close(),
  }
}
