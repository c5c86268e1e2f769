import { ApplicationFailure, CancelledFailure } from '@temporalio/workflow'
import { taskFailed } from './activities.ts'
import { branchEnd } from './engine/branches.ts'
import { createWalk } from './engine/run-tree.ts'
import { noLayers } from './engine/layers.ts'
import { CanceledError, TaskFailedError, unlessCanceled } from './engine/runtime.ts'
import { runSiblings } from './engine/siblings.ts'
import type { Ended } from './engine/walk.ts'
import type { BranchEnd, BranchInput, PlannedTask } from './contract.ts'
import { createTemporalRuntime } from './temporal/runtime.ts'
import { createSteps, type Steps } from './temporal/steps.ts'

/** Some of a large group's children, walked in a history of their own. */
export async function runBranch(input: BranchInput): Promise<BranchEnd> {
  const { attemptId, parentName, layers, namedSteps } = input
  const named = namedSteps === true
  const steps = createSteps(attemptId, { named })
  const children = await planned(steps, input)
  const walk = createWalk(createTemporalRuntime(attemptId, steps))
  const ended = await unlessCanceled<Ended>(() => runSiblings(walk, children, parentName, layers), {
    ending: 'canceled',
    left: noLayers,
  })
  await steps.settled()
  return branchEnd(walk, ended)
}

/** The branch's tasks; without them it ends as its parent understands it. */
async function planned(steps: Steps, input: BranchInput): Promise<readonly PlannedTask[]> {
  const { attemptId, parentId, round, from, count } = input
  try {
    return await steps.ask('planBranch', { attemptId, parentId, round, from, count })
  } catch (error) {
    if (error instanceof CanceledError) throw new CancelledFailure(error.message)
    if (error instanceof TaskFailedError) {
      throw ApplicationFailure.nonRetryable(error.message, taskFailed)
    }
    throw error
  }
}
