import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '#store/index.ts'
import type { Attempt } from '#store/types.ts'
import type { JsonObject } from '#workflows/domain/json.ts'
import type { TestContext } from '../../testing/operator-context.ts'
import { push } from '../../testing/project.ts'
import { taskContext } from './context.ts'

let attempts = 0

/** A real attempt with one task of BigQuery's, whose use of it is written down. */
export async function openAttempt(
  store: Store,
  params: JsonObject,
): Promise<{ readonly attempt: Attempt; readonly context: TestContext }> {
  const name = `attempt${(attempts += 1)}`
  const pushed = await push(store, { [`${name}.dig`]: '+a: {echo>: 1}' })
  const { attempt } = await store.attempts.start({
    workflowId: pushed.workflows.find((workflow) => workflow.name === name)!.id,
    sessionTime: new Date('2026-03-05T00:00:00Z'),
    params: {},
    actor: { kind: 'user' },
    reason: 'start',
  })
  const [task] = await store.tasks.insert(attempt.id, null, [
    { name: '+a', config: {}, exports: {}, upstreams: [], children: [], operator: 'bq' },
  ])
  const identity = {
    sessionUuid: attempt.sessionUuid,
    attemptId: attempt.id,
    taskId: task!.id,
    fullName: `+${name}+a`,
  }
  return { attempt, context: taskContext(params, { identity, usages: store.usages }) }
}

/** Until the task's job has been started. */
export async function started(context: TestContext): Promise<void> {
  while (!context.lines.some((line) => line.endsWith('started'))) await sleep(20)
}
