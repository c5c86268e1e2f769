import type { RunTaskInput } from '#workflows/activities.ts'
import type { Task } from '#store/types.ts'
import type { Operator, OperatorContext, OperatorResult } from '#activities/task/operator.ts'
import { call, type Stage } from './play.ts'
import { push } from '#activities/testing/project.ts'

/** `probe>: …` does what the test says. */
export interface Probe {
  act: (context: OperatorContext) => Promise<OperatorResult>
  calls: number
  readonly operator: Operator
}

export function createProbe(): Probe {
  const probe: Probe = {
    act: async () => ({}),
    calls: 0,
    operator: {
      name: 'probe',
      secrets: ['*'],
      retries: true,
      run(context) {
        probe.calls += 1
        return probe.act(context)
      },
    },
  }
  return probe
}

/** Opens an attempt of one task, and gives what is needed to run it by hand. */
export async function openOne(stage: Stage, dig: string) {
  const pushed = await push(stage.store, { 'case.dig': dig })
  const { attempt } = await stage.store.attempts.start({
    workflowId: pushed.workflows[0]!.id,
    sessionTime: new Date('2026-03-05T00:00:00Z'),
    retryAttemptName: `try ${pushed.workflows[0]!.id}`,
    params: {},
    actor: { kind: 'user' },
    reason: 'start',
  })
  const { root } = await call(() => stage.activities.openAttempt({ attemptId: attempt.id }))
  const planned = root.children![0]!
  const input: RunTaskInput = {
    attemptId: attempt.id,
    taskId: planned.id,
    layers: [],
    retries: 0,
    polls: 0,
    version: 1,
  }
  const row = async (): Promise<Task> => (await stage.store.tasks.find(planned.id))!
  return { attempt, planned, input, row }
}
