import { runTree } from './engine/run-tree.ts'
import type { AttemptInput } from './contract.ts'
import { conclude } from './temporal/conclude.ts'
import { opened } from './temporal/opened.ts'
import { createTemporalRuntime } from './temporal/runtime.ts'
import { createSteps } from './temporal/steps.ts'

/** One attempt of a `.dig` workflow: opens it, walks its tasks, writes its end. */
export async function runAttempt(input: AttemptInput): Promise<void> {
  const { attemptId, backfill, namedSteps, page } = input
  const named = namedSteps === true
  const steps = createSteps(attemptId, { walksAhead: true, named })
  await opened(attemptId, steps, async ({ root, lateAt }) => {
    const late = lateAt === undefined || backfill ? undefined : Date.parse(lateAt)
    const end = await runTree(root, createTemporalRuntime(attemptId, steps, page), late)
    await conclude(attemptId, end, steps)
  })
}
