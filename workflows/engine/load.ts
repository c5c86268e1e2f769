import type { PlannedTask } from '../contract.ts'
import { cutIntoBranches, tasksInHistory, type Branch } from '../domain/branches.ts'

/** How much one workflow has taken upon itself. */
export interface Load {
  /** So many tasks are walked here. */
  add(tasks: number): void
  /**
   * The branches in which these children are to run because they are too much for this workflow, which
   * the run decides: what it generates, or repeats, is in no plan. Undefined: they can run here.
   */
  branchesFor(children: readonly PlannedTask[]): readonly Branch[] | undefined
}

// A workflow of its own costs about as much as ten tasks beside the others, so a few tasks get one
// only when this one is really full.
const few = 20
const full = 2 * tasksInHistory

export function createLoad(): Load {
  let walked = 0
  return {
    add(tasks) {
      walked += tasks
    },
    branchesFor(children) {
      const weighed = children.map((child) => ({ ...child, weight: weightOf(child) }))
      const weight = weighed.reduce((sum, child) => sum + child.weight, 0)
      const most = weight < few ? full : tasksInHistory
      return walked + weight <= most ? undefined : cutIntoBranches(weighed)
    },
  }
}

/** Tasks that are walked for a task, as far as the plan knows. */
function weightOf(task: PlannedTask): number {
  return (task.children ?? []).reduce((sum, child) => sum + weightOf(child), 1)
}
