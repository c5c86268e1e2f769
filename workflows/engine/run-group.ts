import { retryWait } from '../domain/retry.ts'
import type { PlannedGroup, PlannedTask } from '../contract.ts'
import { runAfterFailure } from './after-failure.ts'
import { runBranches } from './branches.ts'
import { extend, noLayers } from './layers.ts'
import { runSiblings } from './siblings.ts'
import { waitForRetry } from './wait-for-retry.ts'
import { ownLayers, type Ended, type Position, type Walk } from './walk.ts'

/** Runs a group: its children, again as often as `_retry` grants, then what a failure adds. */
export async function runGroup(walk: Walk, task: PlannedGroup, at: Position): Promise<Ended> {
  const fullName = at.parentName + task.name
  const layers = extend(at.layers, ownLayers(task))
  // What is walked: the group as planned, then what each further round inserts.
  let walked: PlannedTask | undefined = task

  const canceled = (): Ended => {
    walk.track.record(task.id, 'canceled')
    return { ending: 'canceled', left: noLayers }
  }
  const runRound = (round: number): Promise<Ended> => {
    const children = walked?.children ?? []
    const branches = walked?.folded ?? walk.load.branchesFor(children)
    if (branches === undefined) return runSiblings(walk, children, fullName, layers)
    const group = { parentId: task.id, parentName: fullName, round, branches }
    return runBranches(walk, group, layers)
  }

  for (let round = 0; ; round += 1) {
    walk.track.record(task.id, 'planned')
    const { ending, left } = await runRound(round)
    if (ending === 'canceled') return canceled()
    if (ending === 'success') {
      const late = await at.sla?.settled()
      if (late === 'canceled') return canceled()
      if (late === 'failed') break
      walk.track.record(task.id, 'success')
      return { ending, left }
    }
    const { retry } = task
    if (retry === undefined || round >= retry.limit || !walk.track.mayRepeat(fullName)) break
    const wait = retryWait(retry, round)
    if (!(await waitForRetry(walk, task, 'group_retry_waiting', wait))) return canceled()
    const what = { kind: 'round', round: round + 1 } as const
    const [again] = await walk.runtime.addTasks({ parentId: task.id, what })
    walked = again
  }

  const isRoot = at.parentName === ''
  if (!(await runAfterFailure(walk, task, { fullName, isRoot, layers }))) return canceled()
  if ((await at.sla?.settled()) === 'canceled') return canceled()
  walk.track.record(task.id, 'group_error')
  return { ending: 'failed', left: noLayers }
}
