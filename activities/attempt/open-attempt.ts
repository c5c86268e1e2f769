import type { Activities } from '#workflows/activities.ts'
import { formatSessionTime, slaTime } from '#workflows/calendar/index.ts'
import type { Store } from '#store/index.ts'
import { taskFailure } from '../failure.ts'
import type { FindFacts } from './facts.ts'
import { compactLeft } from './compact-left.ts'
import { newTask } from './new-tasks.ts'
import { planTasks } from './plan.ts'
import type { FindResumption } from './resume.ts'

/**
 * Inserts an attempt's tasks as its workflow was compiled at push, and answers what to walk. A TypeScript
 * batch has a root only: its tasks are added as it goes.
 */
export function createOpenAttempt(
  store: Store,
  facts: FindFacts,
  resumptions: FindResumption,
): Pick<Activities, 'openAttempt' | 'planBranch'> {
  return {
    async openAttempt({ attemptId, workflowId }) {
      const { attempt, workflow } = await facts(attemptId)
      if (workflowId !== undefined && workflowId !== attempt.temporalId) {
        const message = `Attempt ${attemptId} is run by the workflow ${attempt.temporalId}, and nothing was done here: to run a session again, start it through the API`
        throw taskFailure(message, { elsewhere: true })
      }
      const { sla } = workflow.definition
      const resumption = await resumptions(attemptId)
      const tree = resumption.mark(newTask(workflow.definition.root), '')
      const rows = await store.tasks.open(attemptId, tree)
      const [root] = await compactLeft(store, attemptId, planTasks(rows, null))
      // What failed is resumed, so the root never counts as done.
      if (root === undefined || root.resumed) {
        throw new Error(`The tasks of attempt ${attemptId} were not inserted`)
      }
      return {
        root,
        project: attempt.projectName,
        workflow: attempt.workflowName,
        sessionTime: formatSessionTime(attempt.sessionTime, attempt.timezone),
        params: attempt.params,
        ...(sla === undefined
          ? {}
          : { lateAt: slaTime(sla, attempt.timezone, attempt.createdAt).toISOString() }),
      }
    },
    async planBranch({ attemptId, parentId, round, from, count }) {
      const rows = await store.tasks.branch(parentId, round, { from, count })
      const own = new Set(rows.map(({ id }) => id))
      const outside = new Set(
        rows.flatMap(({ upstreams }) => upstreams.filter((id) => !own.has(id))),
      )
      const failed = await store.tasks.unsuccessful([...outside])
      return compactLeft(store, attemptId, planTasks(rows, parentId, new Set(failed)))
    },
  }
}
