import type { Activities, TaskOutcome } from '#workflows/activities.ts'
import type { PlannedTask, WalkedTask } from '#workflows/contract.ts'
import type { TaskQueue } from '#workflows/domain/task-queues.ts'

/** The activities that answer what is to be walked. */
type Planning = Pick<Activities, 'openAttempt' | 'planBranch' | 'addTasks'>

/** Notes in what is planned on which task queue a team's own operators run. */
export interface OwnQueues {
  in(planning: Planning): Planning
  inOutcome(outcome: TaskOutcome): TaskOutcome
}

/**
 * The queues that these operators ask for. A workflow must not look them up itself: what an operator says may change
 * while an attempt runs, and a history is replayed as it was.
 */
export function createOwnQueues(
  operators: readonly { readonly name: string; readonly queue?: TaskQueue }[],
): OwnQueues {
  const queues = new Map(
    operators.flatMap(({ name, queue }) => (queue === undefined ? [] : [[name, queue] as const])),
  )
  const placed = (task: PlannedTask): PlannedTask => (task.resumed ? task : walked(task))
  const walked = (task: WalkedTask): WalkedTask => {
    if (task.children !== undefined) return { ...task, children: task.children.map(placed) }
    if (task.operator === undefined) return task
    const queue = queues.get(task.operator)
    return queue === undefined ? task : { ...task, queue }
  }
  if (queues.size === 0) return { in: (planning) => planning, inOutcome: (outcome) => outcome }
  return {
    in: ({ openAttempt, planBranch, addTasks }) => ({
      async openAttempt(input) {
        const opened = await openAttempt(input)
        return { ...opened, root: walked(opened.root) }
      },
      planBranch: async (input) => (await planBranch(input)).map(placed),
      addTasks: async (input) => (await addTasks(input)).map(placed),
    }),
    inOutcome: (outcome) =>
      outcome.kind === 'done' && outcome.subtasks !== undefined
        ? { ...outcome, subtasks: placed(outcome.subtasks) }
        : outcome,
  }
}
