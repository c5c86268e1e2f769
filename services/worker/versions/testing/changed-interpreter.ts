import { sleep } from '@temporalio/workflow'
import { runAttempt as walk } from '#workflows/attempt.ts'
import type { AttemptInput } from '#workflows/contract.ts'

export { runBranch } from '#workflows/branch.ts'
export { fireSchedule } from '#workflows/schedule.ts'

/** Does something that no history of today's code knows of, so neither can go on with what the other began. */
export async function runAttempt(input: AttemptInput): Promise<void> {
  await sleep(1)
  await walk(input)
}
