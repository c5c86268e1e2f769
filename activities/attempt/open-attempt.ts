import type { Activities } from '#workflows/activities.ts'
import { formatSessionTime } from '#workflows/calendar/index.ts'
import type { Store } from '#store/index.ts'
import type { FindFacts } from './facts.ts'
import { newTask } from './new-tasks.ts'
import { planTasks } from './plan.ts'
import { readResumption } from './resume.ts'

/**
 * Inserts an attempt's tasks as its workflow was compiled at push, and answers what to walk. A TypeScript
 * batch has a root only: its tasks are added as it goes.
 */
export function createOpenAttempt(
  store: Store,
  facts: FindFacts,
): Pick<Activities, 'openAttempt' | 'planBranch'> {
  return {
    async openAttempt({ attemptId }) {
      const { attempt, workflow } = await facts(attemptId)
      const resumption = await readResumption(store.tasks, attempt.resume)
      const tree = resumption.mark(newTask(workflow.definition.root), '')
      const rows = await store.tasks.insert(attemptId, null, [tree])
      const [root] = planTasks(rows, null)
      if (root === undefined) throw new Error(`The tasks of attempt ${attemptId} were not inserted`)
      // It runs, so nobody need start it any more: also where a schedule did, and not the API.
      await store.attempts.markStarted(attemptId)
      return {
        root,
        project: attempt.projectName,
        workflow: attempt.workflowName,
        sessionTime: formatSessionTime(attempt.sessionTime, attempt.timezone),
        params: attempt.params,
      }
    },
    async planBranch({ parentId, round, from, count }) {
      const children = await store.tasks.childrenOfRound(parentId, round, { from, count })
      const groups = children.filter((child) => child.operator === null)
      const below = await Promise.all(groups.map((group) => store.tasks.subtree(group.id)))
      const operators = children.filter((child) => child.operator !== null)
      const rows = [...operators, ...below.flat()].sort((a, b) => a.id - b.id)
      return planTasks(rows, parentId)
    },
  }
}
