import { createWalk } from './engine/run-tree.ts'
import { noLayers } from './engine/layers.ts'
import { unlessCanceled } from './engine/runtime.ts'
import { runSiblings } from './engine/siblings.ts'
import { worst, type Ended } from './engine/walk.ts'
import type { BranchEnd, BranchInput } from './contract.ts'
import { local } from './temporal/proxies.ts'
import { createRecorder } from './temporal/recorder.ts'
import { createTemporalRuntime } from './temporal/runtime.ts'

/** Some of a large group's children, walked in a history of their own. */
export async function runBranch(input: BranchInput): Promise<BranchEnd> {
  const { attemptId, parentId, parentName, round, from, count, layers } = input
  const children = await local.planBranch({ attemptId, parentId, round, from, count })
  const recorder = createRecorder(attemptId)
  const walk = createWalk(createTemporalRuntime(attemptId, recorder))
  const { ending, left } = await unlessCanceled<Ended>(
    () => runSiblings(walk, children, parentName, layers),
    { ending: 'canceled', left: noLayers },
  )
  await recorder.settled()
  const failure = walk.track.firstFailure
  return { ending: worst([ending]), left, ...(failure === undefined ? {} : { failure }) }
}
